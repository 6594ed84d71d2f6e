"""The graph for programs that talk to language models: tools and resources of the Model Context Protocol.

Needs the extra ``mcp``. What the tools do is in ``tools``, how it is kept small in ``size``, and how they
become a server in ``server``.
"""
