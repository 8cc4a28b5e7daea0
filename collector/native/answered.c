/* An answer was seen, whole or at the end of its stream: its id, the model that gave it, and what it used. */

#define _GNU_SOURCE
#include "line.h"
#include "keys.h"
#include "events.h"

#include <string.h>

typedef struct {
    long long given, produced, total, cached, reasoning;
} Tokens;

/* A struct's field that is a count or None, which counts as 0. */
static int attribute(PyObject *holder, PyObject *name, long long *number) {
    PyObject *value = PyObject_GetAttr(holder, name);
    *number = 0;
    int known = value == Py_None || is_count(value, number);
    Py_XDECREF(value);
    return known;
}

static int detail(PyObject *holder, PyObject *details, PyObject *name, long long *number) {
    PyObject *inner = PyObject_GetAttr(holder, details);
    *number = 0;
    int known = inner == Py_None || (inner != NULL && attribute(inner, name, number));
    Py_XDECREF(inner);
    return known;
}

/* ``plain`` is `usage.Plain`. */
static int read_tokens(PyObject *plain, Tokens *tokens) {
    return attribute(plain, key_prompt_tokens, &tokens->given) &&
           attribute(plain, key_completion_tokens, &tokens->produced) &&
           attribute(plain, key_total_tokens, &tokens->total) &&
           detail(plain, key_prompt_tokens_details, key_cached_tokens, &tokens->cached) &&
           detail(plain, key_completion_tokens_details, key_reasoning_tokens, &tokens->reasoning) &&
           tokens->cached <= tokens->given && tokens->reasoning <= tokens->produced && tokens->total > 0 &&
           tokens->total == tokens->given + tokens->produced;
}

static int put_tokens(Out *out, PyObject *plain) {
    Tokens tokens;
    if (!read_tokens(plain, &tokens)) return 0;
    return PUT(out, FIELD("input_tokens")) && put_number(out, tokens.given - tokens.cached) &&
           (!tokens.cached || (PUT(out, FIELD("cache_read_tokens")) && put_number(out, tokens.cached))) &&
           PUT(out, FIELD("output_tokens")) && put_number(out, tokens.produced - tokens.reasoning) &&
           (!tokens.reasoning || (PUT(out, FIELD("reasoning_tokens")) && put_number(out, tokens.reasoning)));
}

static int put_cost(Out *out, PyObject *plain, int reported) {
    PyObject *cost = PyObject_GetAttr(plain, key_cost);
    int written = cost == Py_None;
    if (cost != NULL && PyFloat_CheckExact(cost))
        written = !reported || put_dollars(out, FIELD("provider_cost_pusd"), PyFloat_AS_DOUBLE(cost));
    Py_XDECREF(cost);
    return written;
}

/* Usage as the provider's JSON: its counts, and the object itself as it was given. */
static int put_given(Out *out, PyObject *given, PyObject *decode) {
    Py_buffer json;
    if (PyObject_GetBuffer(given, &json, PyBUF_SIMPLE) != 0) return 0;
    int written = 0;
    if (json.len > 0 && json.len <= USAGE_LIMIT && memmem(json.buf, json.len, "\"prompt_tokens\"", 15)) {
        PyObject *plain = PyObject_CallOneArg(decode, given);
        written = plain != NULL && put_tokens(out, plain) && PUT(out, ",\"tokens_source\":\"reported\",\"usage\":") &&
                  put_quoted(out, json.buf, json.len) && put_cost(out, plain, 1);
        Py_XDECREF(plain);
    }
    PyBuffer_Release(&json);
    return written;
}

/* Of an answer as `answers` has it, raw or not. */
static int put_names(Out *out, PyObject *answer) {
    PyObject *id = PyObject_GetAttr(answer, key_id), *model = PyObject_GetAttr(answer, key_model);
    int written = truthy(id) && truthy(model) && put_text(out, FIELD("response_id"), id, ID_LIMIT) &&
                  put_text(out, FIELD("served_model"), model, ID_LIMIT);
    Py_XDECREF(id);
    Py_XDECREF(model);
    return written;
}

static int put_answered(Out *out, PyObject *raw, PyObject *decode_usage, const Head *head) {
    PyObject *usage = PyObject_GetAttr(raw, key_usage);
    int written = usage != NULL && put_head(out, "answered", head) && put_names(out, raw) &&
                  put_given(out, usage, decode_usage) && PUT(out, "}");
    Py_XDECREF(usage);
    return written;
}

/* answered(attempt, body, decode, decode_usage, now_ns, ticks_ns) */
PyObject *answered(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Line line;
    begin(&line);
    if (count != 6 || !PyUnicode_CheckExact(args[1])) Py_RETURN_NONE;
    Head head = {args[0], args[4], args[5]};
    PyObject *raw = PyObject_CallOneArg(args[2], args[1]);
    int written = raw != NULL && put_answered(&line.out, raw, args[3], &head);
    Py_XDECREF(raw);
    return finished(&line, written);
}

/* A copy without the fields that are None; NULL, with an error set, when there is no room for one. */
static PyObject *known_fields(PyObject *usage) {
    PyObject *name, *value, *known = PyDict_New();
    Py_ssize_t at = 0;
    while (known != NULL && PyDict_Next(usage, &at, &name, &value)) {
        int kept = value == Py_None || (PyUnicode_CheckExact(name) && PyDict_SetItem(known, name, value) == 0);
        if (!kept) Py_CLEAR(known);
    }
    return known;
}

/* The answer that LiteLLM adds up when a stream ends. */
static int put_sum(Out *out, PyObject *usage, PyObject *plain, PyObject *encode, PyObject *source) {
    int reported = PyUnicode_CompareWithASCIIString(source, "reported") == 0;
    PyObject *known = known_fields(usage);
    int written = known != NULL && put_tokens(out, plain) &&
                  put_text(out, FIELD("tokens_source"), source, ID_LIMIT) &&
                  put_json(out, FIELD("usage"), known, encode) && put_cost(out, plain, reported);
    Py_XDECREF(known);
    return written;
}

static int put_streamed(Out *out, PyObject *details, PyObject *answer, PyObject *const *args, const Head *head) {
    PyObject *usage = PyObject_GetAttr(answer, key_usage), *source = args[0], *convert = args[1], *plain = NULL;
    int written = usage != NULL && PyDict_CheckExact(usage) && PyUnicode_CheckExact(source) &&
                  (plain = PyObject_CallOneArg(convert, usage)) != NULL && plain != Py_None &&
                  put_head(out, "streamed", head) && PUT(out, ",\"streaming\":true") && put_names(out, answer) &&
                  put_moment(out, FIELD("first_token_us"), get(details, key_completion_start_time)) &&
                  PUT(out, FIELD("ended_us")) && put_number(out, PyLong_AsLongLong(head->now_ns) / 1000) &&
                  put_sum(out, usage, plain, args[2], source) && PUT(out, "}");
    Py_XDECREF(usage);
    Py_XDECREF(plain);
    return written;
}

/* streamed(attempt, details, answer, source, convert, encode, now_ns, ticks_ns) */
PyObject *streamed(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Line line;
    begin(&line);
    if (count != 8 || !PyDict_CheckExact(args[1])) Py_RETURN_NONE;
    Head head = {args[0], args[6], args[7]};
    return finished(&line, put_streamed(&line.out, args[1], args[2], args + 3, &head));
}
