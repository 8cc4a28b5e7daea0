/* JSON written into a room of fixed size.
 *
 * Every function gives 1 when it wrote, or when there was nothing to write, and 0 when the value is none of the
 * ordinary ones: then nothing of this line is used, and the Python code decides. */

#ifndef SCALIX_JSON_H
#define SCALIX_JSON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define ID_LIMIT 256
#define USAGE_LIMIT 4096

typedef struct {
    char *at, *end;
} Out;

int put(Out *out, const char *bytes, Py_ssize_t size);
/* Not negative. */
int put_number(Out *out, long long number);
int put_quoted(Out *out, const char *text, Py_ssize_t size);

/* With their names; what is NULL or None is left out. */
int put_text(Out *out, const char *name, PyObject *value, Py_ssize_t limit);
int put_count(Out *out, const char *name, PyObject *value);
int put_flag(Out *out, const char *name, PyObject *value);
int put_dollars(Out *out, const char *name, double dollars);
int put_moment(Out *out, const char *name, PyObject *value);
int put_json(Out *out, const char *name, PyObject *value, PyObject *encode);

#define PUT(out, literal) put(out, literal, sizeof(literal) - 1)
#define FIELD(name) ",\"" name "\":"

int ascii(PyObject *value, const char **text, Py_ssize_t *size);
int is_count(PyObject *value, long long *number);

#endif
