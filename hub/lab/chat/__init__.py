"""Imitations of the robots of chat groups: each a WSGI application that knows one robot's rules and moods."""
