"""Write every export of a build and our own counts of it into a folder: python prepare.py BUILD FOLDER."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from paperkg.export import EXPORTERS, export_folder, export_graph
from paperkg.export.communities import find_communities
from paperkg.graph import KnowledgeGraph
from paperkg.statements import pairs, statements

if __name__ == "__main__":
    build, folder = map(Path, sys.argv[1:])
    graph = KnowledgeGraph.load(build)
    folder.mkdir(parents=True, exist_ok=True)
    for name, exporter in EXPORTERS.items():
        if exporter.is_folder:
            export_folder(graph, folder / exporter.file, format=name)
        elif not exporter.in_build:
            with (folder / exporter.file).open("wb") as stream:
                export_graph(graph, stream, format=name)
    said = statements(graph)
    edges = [edge for edge in graph.network.edges(keys=True) if edge[0] != edge[1]]
    counts = {
        "papers": len(graph.papers),
        "entities": sum(1 for _ in graph.mentioned()),
        "concepts": len(graph.concepts),
        "statements": len(said),
        "pairs": len(pairs(graph, said)),
        "communities": len(find_communities(graph, pairs(graph, said))),
        "edges": len(edges),
        "role edges": sum(head.startswith("paper/") for head, _, _ in edges),
        "claims": len(graph.claims),
        "subjects": sum(bool(one.subject) for one in graph.claims),
        "baselines": sum(len(set(one.baselines)) for one in graph.claims),
    }
    (folder / "counts.json").write_text(json.dumps(counts, indent=1) + "\n", "utf-8")
