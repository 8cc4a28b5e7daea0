#include "line.h"
#include "keys.h"

#include <stdint.h>
#include <string.h>

/* CRC-32 as in zlib and PNG (reflected polynomial 0xEDB88320), eight bytes at a time: the method of Kounavis and Berry,
 * "A Systematic Approach to Building High Performance Software-Based CRC Generators", 2005. */
static uint32_t table[8][256];

void prepare_checksums(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
        table[0][byte] = crc;
    }
    for (int slice = 1; slice < 8; slice++)
        for (uint32_t byte = 0; byte < 256; byte++)
            table[slice][byte] = (table[slice - 1][byte] >> 8) ^ table[0][table[slice - 1][byte] & 0xff];
}

static uint32_t checksum(const unsigned char *at, size_t size) {
    uint32_t crc = 0xffffffffu;
    for (; size >= 8; at += 8, size -= 8) {
        uint32_t low = crc ^ (at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24);
        crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
              table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    }
    for (; size; at++, size--) crc = (crc >> 8) ^ table[0][(crc ^ *at) & 0xff];
    return ~crc;
}

void begin(Line *line) { line->out = (Out){line->bytes + FRAME, line->bytes + FRAME + LONGEST}; }

static int put_attempt(Out *out, PyObject *attempt) {
    PyObject *id = PyObject_GetAttr(attempt, key_call_id), *started = PyObject_GetAttr(attempt, key_started_us);
    PyObject *flags = PyObject_GetAttr(attempt, key_flags);
    int written = id != NULL && started != NULL && flags == Py_None &&
                  put_text(out, FIELD("call_id"), id, ID_LIMIT) && put_count(out, FIELD("started_us"), started);
    Py_XDECREF(id);
    Py_XDECREF(started);
    Py_XDECREF(flags);
    return written;
}

int put_head(Out *out, const char *kind, const Head *head) {
    long long now = PyLong_AsLongLong(head->now_ns), ticks = PyLong_AsLongLong(head->ticks_ns);
    return PUT(out, "{\"kind\":\"") && put(out, kind, strlen(kind)) && PUT(out, "\"") &&
           put_attempt(out, head->attempt) && PUT(out, FIELD("at_us")) && put_number(out, now / 1000) &&
           PUT(out, FIELD("mono_us")) && put_number(out, ticks / 1000);
}

PyObject *finished(Line *line, int written) {
    if (!written || PyErr_Occurred()) {
        /* What is no Exception was raised by a signal handler of the host's, and is the host's. */
        if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_Exception)) return NULL;
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    char *json = line->bytes + FRAME;
    char frame[FRAME + 1];
    snprintf(frame, sizeof frame, "1 %08x ", checksum((const unsigned char *)json, line->out.at - json));
    memcpy(line->bytes, frame, FRAME);
    *line->out.at++ = '\n';
    return PyBytes_FromStringAndSize(line->bytes, line->out.at - line->bytes);
}
