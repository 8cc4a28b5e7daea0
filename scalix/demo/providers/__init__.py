"""Fake providers that speak the wire formats of OpenAI, Anthropic, Gemini, Ollama and Scalix Pro, with own logs.

The first segment of a URL names the provider and, up to a hyphen, its format: ``/anthropic-eu/v1/messages``.
"""
