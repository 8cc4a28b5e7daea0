/* One function for each kind of event; `module.c` tells Python of them. */

#ifndef SCALIX_EVENTS_H
#define SCALIX_EVENTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *opened(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *answered(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *streamed(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *ended(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
