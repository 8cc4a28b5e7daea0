"""OpenAI's responses API: the response object and its streaming events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scalix.demo.providers.calls import Stream, event

if TYPE_CHECKING:
    from scalix.demo.providers.calls import Answer

    Events = list[tuple[str, dict[str, Any]]]


def response(answer: Answer, status: str) -> dict[str, Any]:
    """The response object, in progress (without output) or completed."""
    done = status == "completed"
    return {
        "id": answer.id,
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": [_message(answer, answer.text, "completed")] if done else [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": _usage(answer) if done else None,
    }


def _usage(answer: Answer) -> dict[str, Any]:
    tokens = answer.tokens
    return {
        "input_tokens": tokens.all_input,
        "input_tokens_details": {"cached_tokens": tokens.cache_read},
        "output_tokens": tokens.all_output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.all_input + tokens.all_output,
    }


def _message(answer: Answer, text: str, status: str) -> dict[str, Any]:
    content = [_part(text)] if status == "completed" else []
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": content,
    }


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def stream(answer: Answer) -> Stream:
    """The events in the order in which OpenAI sends them."""
    place = {"item_id": f"msg_{answer.id}", "output_index": 0, "content_index": 0}
    head: Events = [
        ("response.created", {"response": response(answer, "in_progress")}),
        ("response.in_progress", {"response": response(answer, "in_progress")}),
        ("response.output_item.added", {"output_index": 0, "item": _message(answer, "", "in_progress")}),
        ("response.content_part.added", place | {"part": _part("")}),
    ]
    pieces: Events = [("response.output_text.delta", place | {"delta": piece}) for piece in answer.pieces]
    tail: Events = [
        ("response.output_text.done", place | {"text": answer.text}),
        ("response.content_part.done", place | {"part": _part(answer.text)}),
        (
            "response.output_item.done",
            {"output_index": 0, "item": _message(answer, answer.text, "completed")},
        ),
        ("response.completed", {"response": response(answer, "completed")}),
    ]
    return Stream(
        head=_numbered(head, 0),
        pieces=_numbered(pieces, len(head)),
        tail=_numbered(tail, len(head) + len(pieces)),
    )


def _numbered(events: Events, first: int) -> list[bytes]:
    return [
        event({"type": name, "sequence_number": first + number} | payload, name)
        for number, (name, payload) in enumerate(events)
    ]
