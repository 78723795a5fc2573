"""What is said about a request: a public and an internal stream that never mix."""

from hub.core.conversation.models import Comment, Mail

__all__ = ["Comment", "Mail"]
