"""Fake providers that speak the OpenAI, Anthropic, Gemini and Scalix Pro wire formats and keep logs of their own.

The first segment of a URL names the provider and, up to a hyphen, its format: ``/anthropic-eu/v1/messages``.
"""
