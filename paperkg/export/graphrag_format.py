"""What GraphRAG 3 wants to find: the columns of its tables, and its settings."""

from __future__ import annotations

from typing import Any

#: Columns of each table and their types, in the order of GraphRAG's own files.
TABLES: dict[str, dict[str, str]] = {
    "entities": {
        "id": "str",
        "human_readable_id": "int",
        "title": "str",
        "type": "str",
        "description": "str",
        "text_unit_ids": "strs",
        "frequency": "int",
        "degree": "int",
    },
    "relationships": {
        "id": "str",
        "human_readable_id": "int",
        "source": "str",
        "target": "str",
        "description": "str",
        "weight": "float",
        "combined_degree": "int",
        "text_unit_ids": "strs",
    },
    "text_units": {
        "id": "str",
        "human_readable_id": "int",
        "text": "str",
        "n_tokens": "int",
        "document_id": "str",
        "entity_ids": "strs",
        "relationship_ids": "strs",
        "covariate_ids": "strs",
    },
    "documents": {
        "id": "str",
        "human_readable_id": "int",
        "title": "str",
        "text": "str",
        "text_unit_ids": "strs",
        "creation_date": "str",
        "raw_data": "strs_by_name",
    },
    "communities": {
        "id": "str",
        "human_readable_id": "int",
        "community": "int",
        "level": "int",
        "parent": "int",
        "children": "ints",
        "title": "str",
        "entity_ids": "strs",
        "relationship_ids": "strs",
        "text_unit_ids": "strs",
        "period": "str",
        "size": "int",
    },
    "community_reports": {
        "id": "str",
        "human_readable_id": "int",
        "community": "int",
        "level": "int",
        "parent": "int",
        "children": "ints",
        "title": "str",
        "summary": "str",
        "full_content": "str",
        "rank": "float",
        "rating_explanation": "str",
        "findings": "findings",
        "full_content_json": "str",
        "period": "str",
        "size": "int",
    },
    "covariates": {
        "id": "str",
        "human_readable_id": "int",
        "covariate_type": "str",
        "type": "str",
        "description": "str",
        "subject_id": "str",
        "object_id": "str",
        "status": "str",
        "start_date": "str",
        "end_date": "str",
        "source_text": "str",
        "text_unit_id": "str",
    },
}


def schema(arrow: Any, table: str) -> Any:
    """Give the Arrow schema of a table; ``arrow`` is pyarrow."""
    text, whole = arrow.string(), arrow.int64()
    kinds = {
        "str": text,
        "int": whole,
        "float": arrow.float64(),
        "strs": arrow.list_(text),
        "ints": arrow.list_(whole),
        "strs_by_name": arrow.struct([(k, arrow.list_(text)) for k in ("paper", "creators", "listings")]),
        "findings": arrow.list_(arrow.struct([("summary", text), ("explanation", text)])),
    }
    return arrow.schema([(name, kinds[kind]) for name, kind in TABLES[table].items()])


#: What GraphRAG needs to know: where our tables are, and which models embed and answer.
SETTINGS = """\
# Settings of Microsoft GraphRAG 3 for the tables in output/. The index is there already: entities,
# relationships, claims, communities and their reports. What is left is to embed them once:
#   export GRAPHRAG_API_KEY=...
#   graphrag index --root .
#   graphrag query --root . --method local "..."
# Any model that litellm knows will do.

completion_models:
  default_completion_model:
    model_provider: openai
    model: gpt-4.1
    auth_method: api_key
    api_key: ${GRAPHRAG_API_KEY}
    retry:
      type: exponential_backoff

embedding_models:
  default_embedding_model:
    model_provider: openai
    model: text-embedding-3-small
    auth_method: api_key
    api_key: ${GRAPHRAG_API_KEY}
    retry:
      type: exponential_backoff

# Nothing else: the other steps would overwrite what is there with what a model guesses.
workflows: [generate_text_embeddings]

input:
  type: text

output_storage:
  type: file
  base_dir: output

reporting:
  type: file
  base_dir: logs

cache:
  type: json
  storage:
    type: file
    base_dir: cache

vector_store:
  type: lancedb
  db_uri: output/lancedb

embed_text:
  embedding_model_id: default_embedding_model

# Only for who adds create_communities to the workflows: with use_lcc, GraphRAG upper-cases titles and does
# not find them again.
cluster_graph:
  max_cluster_size: 10
  use_lcc: false

local_search:
  completion_model_id: default_completion_model
  embedding_model_id: default_embedding_model

global_search:
  completion_model_id: default_completion_model

drift_search:
  completion_model_id: default_completion_model
  embedding_model_id: default_embedding_model

basic_search:
  completion_model_id: default_completion_model
  embedding_model_id: default_embedding_model
"""
