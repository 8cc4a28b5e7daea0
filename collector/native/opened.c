/* A call is about to be handed to a provider: who asks whom for what, and how much that can come to. */

#include "line.h"
#include "keys.h"
#include "events.h"

#include <string.h>

#define TAG_LIMIT 128
#define MOST_TAGS 64
#define PER_MESSAGE 16
#define PER_ROLE 24
#define PER_CALL 64
#define MOST_TOKENS (1LL << 40)
#define MOST_CHOICES 1000
#define SHORTEST_HASH 32

static int put_model(Out *out, PyObject *model, PyObject *provider) {
    const char *text, *prefix;
    Py_ssize_t size, skipped;
    if (!ascii(model, &text, &size) || !ascii(provider, &prefix, &skipped)) return 0;
    if (size == 0 || size > ID_LIMIT || skipped == 0) return 0;
    if (size > skipped && text[skipped] == '/' && memcmp(text, prefix, skipped) == 0) {
        text += skipped + 1;
        size -= skipped + 1;
    }
    return size > 0 && PUT(out, FIELD("model")) && put_quoted(out, text, size);
}

/* Addresses with a query or with credentials in them are the Python code's to clean. */
static int put_address(Out *out, PyObject *address) {
    const char *text;
    Py_ssize_t size;
    if (address == NULL || address == Py_None) return 1;
    if (!ascii(address, &text, &size) || size > ID_LIMIT) return 0;
    if (memchr(text, '?', size) || memchr(text, '@', size)) return 0;
    while (size > 0 && text[size - 1] == '/') size--;
    return size > 0 && PUT(out, FIELD("api_base")) && put_quoted(out, text, size);
}

/* LiteLLM's own tags, which begin with "User-Agent:" or "litellm-", mean more than they say. */
static int put_tag(Out *out, PyObject *tag) {
    const char *text;
    Py_ssize_t size;
    return ascii(tag, &text, &size) && size > 0 && size <= TAG_LIMIT && text[0] != 'U' &&
           !(size >= 8 && memcmp(text, "litellm-", 8) == 0) && put_quoted(out, text, size);
}

static int put_tags(Out *out, PyObject *tags) {
    if (!truthy(tags)) return 1;
    if (!PyList_CheckExact(tags) || PyList_GET_SIZE(tags) > MOST_TAGS || !PUT(out, FIELD("tags"))) return 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(tags); i++)
        if (!put(out, i ? "," : "[", 1) || !put_tag(out, PyList_GET_ITEM(tags, i))) return 0;
    return PUT(out, "]");
}

static int put_metadata(Out *out, PyObject *own, PyObject *kept_keys, PyObject *kept) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(kept_keys); i++) {
        int there = PyDict_Contains(own, PyTuple_GET_ITEM(kept_keys, i));
        if (there < 0) return 0;
        if (!there) continue;
        const char *text;
        Py_ssize_t size;
        PyObject *json = PyObject_CallOneArg(kept, own);
        int written = json == Py_None || (ascii(json, &text, &size) && PUT(out, FIELD("metadata")) &&
                                          size <= USAGE_LIMIT && put_quoted(out, text, size));
        Py_XDECREF(json);
        return written;
    }
    return 1;
}

/* A custom auth may hand LiteLLM the key itself where its hash belongs; a hash is hexadecimal. */
static int put_hash(Out *out, PyObject *hash) {
    const char *text;
    Py_ssize_t size;
    if (!truthy(hash)) return 1;
    if (!ascii(hash, &text, &size) || size < SHORTEST_HASH || size > ID_LIMIT) return 0;
    if (strspn(text, "0123456789abcdef") != (size_t)size) return 0;
    return PUT(out, FIELD("key_hash")) && put_quoted(out, text, size);
}

/* Behind LiteLLM's proxy the key tells who calls; the request's ``user`` is whom they call for. */
static int put_people(Out *out, PyObject *user, PyObject *own) {
    PyObject *hash = get(own, key_user_api_key_hash), *key = get(own, key_user_api_key);
    if (hash == NULL && key == NULL) return put_text(out, FIELD("user_id"), user, ID_LIMIT);
    PyObject *end_user = either(get(own, key_user_api_key_end_user_id), user);
    return put_text(out, FIELD("user_id"), get(own, key_user_api_key_user_id), ID_LIMIT) &&
           put_text(out, FIELD("end_user"), end_user, ID_LIMIT) &&
           put_text(out, FIELD("team_id"), get(own, key_user_api_key_team_id), ID_LIMIT) &&
           put_text(out, FIELD("team_alias"), get(own, key_user_api_key_team_alias), ID_LIMIT) &&
           put_text(out, FIELD("key_alias"), get(own, key_user_api_key_alias), ID_LIMIT) &&
           put_hash(out, either(hash, key));
}

/* No tokenizer makes more tokens of a text than it has bytes, which are its length or at most four times that. */
static int add_text(PyObject *text, long long *total) {
    if (text == NULL || !PyUnicode_CheckExact(text) || !IS_READY(text)) return 0;
    *total += PyUnicode_GET_LENGTH(text) * (PyUnicode_IS_ASCII(text) ? 1LL : 4LL);
    return 1;
}

static int add_message(PyObject *message, long long *total) {
    int is_chat = PyDict_CheckExact(message) && PyDict_GET_SIZE(message) == 2;
    *total += is_chat ? PER_MESSAGE + PER_ROLE : PER_MESSAGE;
    return add_text(is_chat ? get(message, key_content) : message, total);
}

/* Messages of a role and a text, or texts to embed. */
static int add_prompt(PyObject *prompt, long long *total) {
    if (!PyList_CheckExact(prompt)) return add_text(prompt, total);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(prompt); i++)
        if (!add_message(PyList_GET_ITEM(prompt, i), total)) return 0;
    return 1;
}

static int put_input_bound(Out *out, PyObject *prompt, PyObject *options) {
    long long total = PER_CALL;
    PyObject *extras[] = {key_tools, key_functions, key_response_format, key_instructions, key_system};
    for (int i = 0; options != NULL && i < 5; i++)
        if (PyDict_Contains(options, extras[i]) != 0) return 0;
    if (!truthy(prompt) || !add_prompt(prompt, &total)) return 0;
    return PUT(out, FIELD("input_tokens_high")) && put_number(out, total);
}

static int put_output_bound(Out *out, PyObject *options) {
    PyObject *names[] = {key_max_completion_tokens, key_max_tokens, key_max_output_tokens};
    for (int i = 0; options != NULL && i < 3; i++) {
        long long limit, choices = 1;
        PyObject *value = get(options, names[i]), *n = get(options, key_n);
        if (value == NULL || value == Py_None) continue;
        if (!is_count(value, &limit) || limit > MOST_TOKENS) return 0;
        if (n != NULL && n != Py_None && (!is_count(n, &choices) || choices < 1 || choices > MOST_CHOICES)) return 0;
        return PUT(out, FIELD("output_tokens_high")) && put_number(out, limit * choices);
    }
    return 1;
}

static int put_target(Out *out, PyObject *details, PyObject *params, PyObject *own) {
    PyObject *provider = get(details, key_custom_llm_provider);
    PyObject *info = either(get(params, key_model_info), get(own, key_model_info));
    if (truthy(info) && !PyDict_CheckExact(info)) return 0;
    return put_text(out, FIELD("provider"), provider, ID_LIMIT) && put_model(out, get(details, key_model), provider) &&
           put_address(out, get(params, key_api_base)) &&
           put_text(out, FIELD("call_type"), get(details, key_call_type), ID_LIMIT) &&
           put_text(out, FIELD("model_group"), get(own, key_model_group), ID_LIMIT) &&
           put_text(out, FIELD("original_model_group"), get(own, key_original_model_group), ID_LIMIT) &&
           put_text(out, FIELD("deployment_id"), truthy(info) ? get(info, key_id) : NULL, ID_LIMIT);
}

static int put_call(Out *out, PyObject *details, PyObject *params, PyObject *own, PyObject *const *settings) {
    PyObject *trace = either(get(details, key_litellm_trace_id), get(params, key_litellm_trace_id));
    PyObject *session = either(get(params, key_litellm_session_id), get(own, key_session_id));
    return put_text(out, FIELD("trace_id"), trace, ID_LIMIT) &&
           put_text(out, FIELD("session_id"), session, ID_LIMIT) && put_target(out, details, params, own) &&
           put_flag(out, FIELD("streaming"), get(details, key_stream)) &&
           put_count(out, FIELD("retry"), get(own, key_attempted_retries)) &&
           put_count(out, FIELD("fallback_depth"), get(own, key_attempted_fallbacks)) &&
           put_tags(out, get(own, key_tags)) && put_metadata(out, own, settings[0], settings[1]) &&
           put_people(out, get(details, key_user), own);
}

/* Its parts are fetched here and not before: metadata was kept meanwhile, and the details may hold others now. */
static int put_bounds(Out *out, PyObject *details) {
    PyObject *options = get(details, key_optional_params);
    if (options != NULL && !PyDict_CheckExact(options)) return 0;
    return put_input_bound(out, either(get(details, key_messages), get(details, key_input)), options) &&
           put_output_bound(out, options);
}

static int put_opened(Out *out, PyObject *details, PyObject *const *settings, const Head *head) {
    PyObject *params = get(details, key_litellm_params), *handed_over = get(details, key_api_call_start_time);
    if (params == NULL || !PyDict_CheckExact(params) || truthy(get(params, key_litellm_metadata))) return 0;
    if (!truthy(handed_over) || truthy(get(details, key_litellm_no_upstream_llm_call))) return 0;
    PyObject *own = get(params, key_metadata);
    if (own == NULL || own == Py_None) own = no_fields;
    if (!PyDict_CheckExact(own)) return 0;
    /* Keeping metadata runs Python code, in which another thread may put others in the place of these. */
    Py_INCREF(params);
    Py_INCREF(own);
    int written = put_head(out, "opened", head) && put_call(out, details, params, own, settings) &&
                  PUT(out, ",\"upstream\":true") && put_bounds(out, details) && PUT(out, "}");
    Py_DECREF(params);
    Py_DECREF(own);
    return written;
}

/* opened(attempt, details, kept_keys, kept, now_ns, ticks_ns) */
PyObject *opened(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Line line;
    begin(&line);
    if (count != 6 || !PyDict_CheckExact(args[1]) || !PyTuple_CheckExact(args[2])) Py_RETURN_NONE;
    Head head = {args[0], args[4], args[5]};
    return finished(&line, put_opened(&line.out, args[1], args + 2, &head));
}
