#include "keys.h"

#define DEFINE(name) PyObject *key_##name;
KEYS(DEFINE)
#undef DEFINE
PyObject *key_provider_cost_header;
PyObject *no_fields;

static int intern(PyObject **key, const char *text) {
    if (*key == NULL) *key = PyUnicode_InternFromString(text);
    return *key == NULL ? -1 : 0;
}

int intern_keys(void) {
    if (no_fields == NULL && (no_fields = PyDict_New()) == NULL) return -1;
#define INTERN(name)                                                                                                   \
    if (intern(&key_##name, #name) < 0) return -1;
    KEYS(INTERN)
#undef INTERN
    return intern(&key_provider_cost_header, "llm_provider-x-litellm-response-cost");
}
