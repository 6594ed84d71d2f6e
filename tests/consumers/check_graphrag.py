"""GraphRAG reads the tables, clusters them, embeds them, and finds its way from a question to claims."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any

# No table of prices from the network.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import pandas as pd
from common import compare, embed_words, ours, run_guide
from graphrag.api import build_index
from graphrag.config.embeddings import entity_description_embedding
from graphrag.config.load_config import load_config
from graphrag.data_model import schemas
from graphrag.query.factory import get_local_search_engine
from graphrag.utils.api import get_embedding_store
from graphrag_llm.embedding import LLMEmbedding, register_embedding
from graphrag_llm.types import LLMEmbedding as Vector
from graphrag_llm.types import LLMEmbeddingResponse, LLMEmbeddingUsage

COLUMNS = {
    "entities": schemas.ENTITIES_FINAL_COLUMNS,
    "relationships": schemas.RELATIONSHIPS_FINAL_COLUMNS,
    "text_units": schemas.TEXT_UNITS_FINAL_COLUMNS,
    "documents": schemas.DOCUMENTS_FINAL_COLUMNS,
    "communities": schemas.COMMUNITIES_FINAL_COLUMNS,
    "community_reports": schemas.COMMUNITY_REPORTS_FINAL_COLUMNS,
    "covariates": schemas.COVARIATES_FINAL_COLUMNS,
}


class Words(LLMEmbedding):
    """An embedding that needs no model."""

    def __init__(self, *, tokenizer: Any, metrics_store: Any, **_: Any) -> None:
        self._tokenizer, self._metrics = tokenizer, metrics_store

    def embedding(self, /, **kwargs: Any) -> LLMEmbeddingResponse:
        texts = kwargs["input"] if isinstance(kwargs["input"], list) else [kwargs["input"]]
        data = [
            Vector(object="embedding", embedding=embed_words(text, 3072), index=i)
            for i, text in enumerate(texts)
        ]
        usage = LLMEmbeddingUsage(prompt_tokens=0, total_tokens=0)
        return LLMEmbeddingResponse(object="list", data=data, model="words", usage=usage)

    async def embedding_async(self, /, **kwargs: Any) -> LLMEmbeddingResponse:
        return self.embedding(**kwargs)

    @property
    def metrics_store(self) -> Any:
        return self._metrics

    @property
    def tokenizer(self) -> Any:
        return self._tokenizer


def index(root: Path, *workflows: str) -> Any:
    """Run workflows of GraphRAG on a project, with its own settings but for the model."""
    model = {"type": "words", "model_provider": "words", "model": "words"}
    overrides = {"workflows": list(workflows), "embedding_models": {"default_embedding_model": model}}
    config = load_config(root, cli_overrides=overrides)
    for result in asyncio.run(build_index(config)):
        assert result.error is None, result
    return config


def main(folder: Path) -> None:
    own = ours(folder)
    read = run_guide("graphrag", folder)
    for name, columns in COLUMNS.items():
        assert list(read["tables"][name].columns) == columns, name
    compare(
        "GraphRAG's readers",
        [
            ("papers (text units)", own["papers"], len(read["text_units"]), ""),
            ("entities", own["entities"], len(read["entities"]), ""),
            ("pairs (relationships)", own["pairs"], len(read["relationships"]), ""),
            ("claims (covariates)", own["claims"], len(read["claims"]), ""),
            ("communities", own["communities"], len(read["communities"]), ""),
            ("reports", own["communities"], len(read["reports"]), ""),
        ],
    )
    os.environ["GRAPHRAG_API_KEY"] = "none"
    register_embedding("words", Words)

    # Its own clustering finds every title that a relationship names.
    again = folder / "again"
    shutil.copytree(folder / "graphrag", again)
    index(again, "create_communities")
    made = pd.read_parquet(again / "output/communities.parquet")
    tied = set(read["tables"]["relationships"]["source"]) | set(read["tables"]["relationships"]["target"])
    found = {one for ids in made[made["level"] == 0]["entity_ids"] for one in ids}
    why = "it clusters only what a relationship ties"
    compare("GraphRAG's create_communities", [("entities", own["entities"], len(found), why)])
    assert len(found) == len(tied)

    # The step that is left, and then from a question to what a model would be given.
    config = index(folder / "graphrag", "generate_text_embeddings")
    config.completion_models["default_completion_model"].type = "mock"
    config.completion_models["default_completion_model"].mock_responses = ["An answer."]
    engine = get_local_search_engine(
        config=config,
        reports=read["reports"],
        text_units=read["text_units"],
        entities=read["entities"],
        relationships=read["relationships"],
        covariates={"claims": read["claims"]},
        response_type="a sentence",
        description_embedding_store=get_embedding_store(config.vector_store, entity_description_embedding),
    )
    context = engine.context_builder.build_context(query="FlexGen", **engine.context_builder_params)
    names = set(context.context_records["entities"]["entity"])
    assert "FlexGen" in names, names
    assert "ALISA outperforms FlexGen" in context.context_chunks
    assert "up to 3x throughput" in context.context_chunks
    sizes = {name: len(records) for name, records in context.context_records.items()}
    print(f"  a question about FlexGen is answered from {sizes}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
