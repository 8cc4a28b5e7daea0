/* LiteLLM's last word on an attempt of which earlier events told the call, and the answer with its usage or the error:
 * its end and its cost. */

#include "line.h"
#include "keys.h"
#include "events.h"

#define SMALLEST 1e-12

static PyObject *dict_in(PyObject *holder, PyObject *key) {
    PyObject *found = holder == NULL || !PyDict_CheckExact(holder) ? NULL : get(holder, key);
    return found != NULL && PyDict_CheckExact(found) ? found : NULL;
}

static int equals(PyObject *text, const char *expected) {
    return text != NULL && PyUnicode_Check(text) && PyUnicode_CompareWithASCIIString(text, expected) == 0;
}

/* Only amounts that are not zero say anything. */
static int put_breakdown(Out *out, PyObject *breakdown, PyObject *encode) {
    PyObject *name, *amount, *told;
    Py_ssize_t at = 0;
    int written;
    if (breakdown == NULL) return 1;
    /* A new dictionary may set off the garbage collector, and that the host's finalisers. */
    Py_INCREF(breakdown);
    told = PyDict_New();
    written = told != NULL;
    while (written && PyDict_Next(breakdown, &at, &name, &amount)) {
        int zero = PyFloat_CheckExact(amount) ? PyFloat_AS_DOUBLE(amount) == 0 : !truthy(amount);
        int named = PyUnicode_CheckExact(name) && PyFloat_CheckExact(amount);
        written = zero || (named && PyDict_SetItem(told, name, amount) == 0);
    }
    written = written && put_json(out, FIELD("cost_breakdown"), told, encode);
    Py_XDECREF(told);
    Py_DECREF(breakdown);
    return written;
}

/* The provider's own cost, which LiteLLM keeps with the usage or in a header; the latter is the Python code's. */
static int put_provider_cost(Out *out, PyObject *payload) {
    PyObject *headers = dict_in(dict_in(payload, key_hidden_params), key_additional_headers);
    if (headers != NULL && PyDict_Contains(headers, key_provider_cost_header)) return 0;
    PyObject *usage = dict_in(dict_in(payload, key_metadata), key_usage_object);
    PyObject *cost = usage == NULL ? NULL : get(usage, key_cost);
    if (cost == NULL || cost == Py_None) return 1;
    return PyFloat_CheckExact(cost) && put_dollars(out, FIELD("provider_cost_pusd"), PyFloat_AS_DOUBLE(cost));
}

/* Not a number of somebody's own, whose zero would have to be asked for. */
static int is_simple(PyObject *value) {
    return value == NULL || value == Py_None || PyUnicode_CheckExact(value) || PyFloat_CheckExact(value) ||
           PyLong_CheckExact(value);
}

/* LiteLLM says 0.0 for free and for unknown. It is unknown where a price is known, and where there is none at all. */
static int zero_means_unknown(PyObject *payload) {
    PyObject *map = get(payload, key_model_map_information);
    PyObject *why = get(payload, key_response_cost_failure_debug_info);
    if (!is_simple(why)) return 0;
    if (truthy(why) || map == NULL || map == Py_None) return 1;
    PyObject *value = dict_in(map, key_model_map_value);
    if (value == NULL) return 0;
    PyObject *input = get(value, key_input_cost_per_token), *output = get(value, key_output_cost_per_token);
    return is_simple(input) && is_simple(output) && (truthy(input) || truthy(output));
}

static int put_costs(Out *out, PyObject *payload, PyObject *encode) {
    PyObject *cost = get(payload, key_response_cost);
    if (cost == NULL || cost == Py_None) return put_provider_cost(out, payload);
    if (!PyFloat_CheckExact(cost)) return 0;
    double dollars = PyFloat_AS_DOUBLE(cost);
    if (dollars == 0) return zero_means_unknown(payload) && put_provider_cost(out, payload);
    return dollars >= SMALLEST && put_dollars(out, FIELD("litellm_cost_pusd"), dollars) &&
           put_breakdown(out, dict_in(payload, key_cost_breakdown), encode) && put_provider_cost(out, payload);
}

/* Whether there is more to tell of a success than its end and its cost. */
static int more_of_success(PyObject *details, PyObject *payload, int streaming) {
    PyObject *error = get(payload, key_error_information);
    /* When the caller of such a stream walks away, LiteLLM calls it success too. */
    if (streaming && equals(get(details, key_call_type), "anthropic_messages")) return 1;
    return truthy(error) && (!PyDict_CheckExact(error) || truthy(get(error, key_error_class)));
}

/* Whether a failed attempt used something after all. */
static int more_of_failure(PyObject *payload, PyObject *response) {
    PyObject *metadata = get(payload, key_metadata);
    if (response != Py_None || (truthy(metadata) && !PyDict_CheckExact(metadata))) return 1;
    return (truthy(metadata) && truthy(get(metadata, key_usage_object))) ||
           truthy(get(payload, key_prompt_tokens)) || truthy(get(payload, key_completion_tokens));
}

static int put_ended(Out *out, int success, PyObject *details, PyObject *payload, PyObject *const *args,
                     const Head *head) {
    PyObject *response = args[0], *end = args[1], *encode = args[2];
    int streaming = get(details, key_stream) == Py_True || get(payload, key_stream) == Py_True;
    if (success ? more_of_success(details, payload, streaming) : more_of_failure(payload, response)) return 0;
    if (end == Py_None || truthy(get(payload, key_cache_hit)) || truthy(get(details, key_cache_hit))) return 0;
    return put_head(out, success ? "success" : "failure", head) && (!streaming || PUT(out, ",\"streaming\":true")) &&
           put_text(out, FIELD("end_user"), get(payload, key_end_user), ID_LIMIT) &&
           (!streaming || put_moment(out, FIELD("first_token_us"), get(details, key_completion_start_time))) &&
           put_moment(out, FIELD("ended_us"), end) && put_costs(out, payload, encode) &&
           put_flag(out, FIELD("cache_hit"), get(details, key_cache_hit)) && PUT(out, "}");
}

/* ended(attempt, success, details, response, end, encode, now_ns, ticks_ns) */
PyObject *ended(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Line line;
    begin(&line);
    if (count != 8 || !PyDict_CheckExact(args[2])) Py_RETURN_NONE;
    PyObject *payload = dict_in(args[2], key_standard_logging_object);
    if (payload == NULL || PyDict_GET_SIZE(payload) == 0) return finished(&line, 0);
    Head head = {args[0], args[6], args[7]};
    Py_INCREF(payload);
    int written = put_ended(&line.out, args[1] == Py_True, args[2], payload, args + 3, &head);
    Py_DECREF(payload);
    return finished(&line, written);
}
