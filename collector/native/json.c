#include "json.h"
#include "keys.h"

#include <datetime.h>
#include <math.h>
#include <string.h>

#define LARGEST_COUNT (1LL << 53)
#define LARGEST_AMOUNT 1e6
#define PICODOLLARS 1e12
#define MICROSECONDS 1e6
/* 2000-01-01 and 2100-01-01: what lies outside is a broken clock or a wrong unit. */
#define EARLIEST 946684800.0
#define LATEST 4102444800.0

int put(Out *out, const char *bytes, Py_ssize_t size) {
    if (out->end - out->at < size) return 0;
    memcpy(out->at, bytes, size);
    out->at += size;
    return 1;
}

static int put_name(Out *out, const char *name) { return put(out, name, strlen(name)); }

int put_number(Out *out, long long number) {
    char digits[20], *at = digits + sizeof digits;
    if (number < 0) return 0;
    do {
        *--at = '0' + number % 10;
        number /= 10;
    } while (number);
    return put(out, at, digits + sizeof digits - at);
}

int put_quoted(Out *out, const char *text, Py_ssize_t size) {
    if (out->end - out->at < 2 * size + 2) return 0;
    *out->at++ = '"';
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char c = text[i];
        if (c < 0x20 || c >= 0x7f) return 0;
        if (c == '"' || c == '\\') *out->at++ = '\\';
        *out->at++ = c;
    }
    *out->at++ = '"';
    return 1;
}

int ascii(PyObject *value, const char **text, Py_ssize_t *size) {
    if (value == NULL || !PyUnicode_CheckExact(value) || !IS_READY(value)) return 0;
    if (!PyUnicode_IS_COMPACT_ASCII(value)) return 0;
    *text = (const char *)PyUnicode_1BYTE_DATA(value);
    *size = PyUnicode_GET_LENGTH(value);
    return 1;
}

int put_text(Out *out, const char *name, PyObject *value, Py_ssize_t limit) {
    const char *text;
    Py_ssize_t size;
    if (value == NULL || value == Py_None) return 1;
    if (!ascii(value, &text, &size) || size > limit) return 0;
    return size == 0 || (put_name(out, name) && put_quoted(out, text, size));
}

int is_count(PyObject *value, long long *number) {
    int overflow;
    if (value == NULL || !PyLong_CheckExact(value)) return 0;
    *number = PyLong_AsLongLongAndOverflow(value, &overflow);
    return !overflow && *number >= 0 && *number <= LARGEST_COUNT;
}

int put_count(Out *out, const char *name, PyObject *value) {
    long long number;
    if (value == NULL || value == Py_None) return 1;
    return is_count(value, &number) && put_name(out, name) && put_number(out, number);
}

int put_flag(Out *out, const char *name, PyObject *value) {
    if (value == NULL || value == Py_None) return 1;
    return PyBool_Check(value) && put_name(out, name) && (value == Py_True ? PUT(out, "true") : PUT(out, "false"));
}

/* As whole picodollars. Both roundings are to the nearest, halves to even, as Python's is. */
int put_dollars(Out *out, const char *name, double dollars) {
    return dollars >= 0 && dollars < LARGEST_AMOUNT && put_name(out, name) &&
           put_number(out, (long long)nearbyint(dollars * PICODOLLARS));
}

/* A naive datetime, which means local time, as microseconds since 1970. */
int put_moment(Out *out, const char *name, PyObject *value) {
    if (PyDateTimeAPI == NULL) PyDateTime_IMPORT;
    if (value == NULL || value == Py_None) return 1;
    /* An aware one asks its time zone, which is Python code. */
    if (PyDateTimeAPI == NULL || !PyDateTime_CheckExact(value)) return 0;
    if (PyDateTime_DATE_GET_TZINFO(value) != Py_None) return 0;
    PyObject *seconds = PyObject_CallMethodNoArgs(value, key_timestamp);
    if (seconds == NULL) return 0;
    double moment = PyFloat_AsDouble(seconds);
    Py_DECREF(seconds);
    return moment > EARLIEST && moment < LATEST && put_name(out, name) &&
           put_number(out, (long long)nearbyint(moment * MICROSECONDS));
}

/* An object as a string of JSON, by msgspec's encoder. */
int put_json(Out *out, const char *name, PyObject *value, PyObject *encode) {
    PyObject *json = PyObject_CallOneArg(encode, value);
    if (json == NULL) return 0;
    int written = PyBytes_CheckExact(json) && PyBytes_GET_SIZE(json) <= USAGE_LIMIT && put_name(out, name) &&
                  put_quoted(out, PyBytes_AS_STRING(json), PyBytes_GET_SIZE(json));
    Py_DECREF(json);
    return written;
}
