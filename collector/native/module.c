/* The commonest events, from LiteLLM's dictionaries straight to the JSON of a spool line.
 *
 * Whatever is done here the Python code does as well, and more. These functions take only calls with nothing out of the
 * ordinary about them, change nothing, and answer None as soon as they meet a value that is not of exactly the type
 * expected, or a text that would need cleaning. The tests compare the two byte by byte. */

#include "events.h"
#include "keys.h"
#include "line.h"

#define METHOD(name) {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL, NULL}
static PyMethodDef methods[] = {METHOD(opened), METHOD(answered), METHOD(streamed), METHOD(ended), {NULL}};

static int prepare(PyObject *module) {
    prepare_checksums();
    return intern_keys() < 0 ? -1 : PyModule_AddStringConstant(module, "FINGERPRINT", FINGERPRINT);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, prepare},
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "ordinary", NULL, 0, methods, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_ordinary(void) { return PyModuleDef_Init(&definition); }
