"""The server of a build: the SPARQL 1.1 protocol and a JSON API, on FastAPI.

``worker`` answers queries in processes of their own, ``pool`` keeps and ends these, ``protocol`` and ``api``
are the routes, ``guard`` stands before all of them, ``app`` puts it together.
"""
