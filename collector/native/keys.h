/* The keys of LiteLLM's dictionaries and the names of our structs' fields, as interned Python strings. */

#ifndef SCALIX_KEYS_H
#define SCALIX_KEYS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define KEYS(X)                                                                                                       \
    X(additional_headers) X(api_base) X(api_call_start_time) X(attempted_fallbacks) X(attempted_retries)              \
    X(cache_hit) X(cached_tokens) X(call_id) X(call_type) X(completion_start_time) X(completion_tokens)               \
    X(completion_tokens_details) X(content) X(cost) X(cost_breakdown) X(custom_llm_provider) X(end_user)              \
    X(error_class) X(error_information) X(flags) X(functions) X(hidden_params) X(id) X(input)                         \
    X(input_cost_per_token) X(instructions) X(litellm_metadata) X(litellm_no_upstream_llm_call)                       \
    X(litellm_params) X(litellm_session_id) X(litellm_trace_id) X(max_completion_tokens) X(max_output_tokens)         \
    X(max_tokens) X(messages) X(metadata) X(model) X(model_group) X(model_info) X(model_map_information)              \
    X(model_map_value) X(n) X(optional_params) X(original_model_group) X(output_cost_per_token)                       \
    X(prompt_tokens) X(prompt_tokens_details) X(reasoning_tokens) X(response_cost)                                    \
    X(response_cost_failure_debug_info) X(response_format) X(session_id) X(standard_logging_object)                   \
    X(started_us) X(stream) X(system) X(tags) X(timestamp) X(tools) X(total_tokens) X(usage) X(usage_object)          \
    X(user) X(user_api_key) X(user_api_key_alias) X(user_api_key_end_user_id) X(user_api_key_hash)                    \
    X(user_api_key_team_alias) X(user_api_key_team_id) X(user_api_key_user_id)

#define DECLARE(name) extern PyObject *key_##name;
KEYS(DECLARE)
#undef DECLARE
extern PyObject *key_provider_cost_header;
/* An empty dictionary, for where there is none. */
extern PyObject *no_fields;

int intern_keys(void);

/* Borrowed; NULL when it is not there. */
static inline PyObject *get(PyObject *dict, PyObject *key) { return PyDict_GetItemWithError(dict, key); }

/* Before Python 3.12 there are strings whose characters are not in place yet. */
#if PY_VERSION_HEX < 0x030C0000
#define IS_READY(text) PyUnicode_IS_READY(text)
#else
#define IS_READY(text) 1
#endif

/* Runs no Python code: what is of no built-in type counts as true, and is turned down where it is used. */
static inline int truthy(PyObject *value) {
    if (value == NULL || value == Py_None) return 0;
    if (PyUnicode_CheckExact(value)) return !IS_READY(value) || PyUnicode_GET_LENGTH(value) > 0;
    if (PyDict_CheckExact(value)) return PyDict_GET_SIZE(value) > 0;
    if (PyList_CheckExact(value)) return PyList_GET_SIZE(value) > 0;
    if (PyBool_Check(value) || PyLong_CheckExact(value) || PyFloat_CheckExact(value)) return PyObject_IsTrue(value);
    return 1;
}

/* Python's `first or second`. */
static inline PyObject *either(PyObject *first, PyObject *second) { return truthy(first) ? first : second; }

#endif
