/* A spool line while it is being written: `scalix.events` says what one looks like. */

#ifndef SCALIX_LINE_H
#define SCALIX_LINE_H

#include "json.h"

#define FRAME 11
#define LONGEST 12288

typedef struct {
    char bytes[FRAME + LONGEST + 1];
    Out out;
} Line;

/* Who speaks and when: what every event begins with. */
typedef struct {
    PyObject *attempt, *now_ns, *ticks_ns;
} Head;

void begin(Line *line);
int put_head(Out *out, const char *kind, const Head *head);

/* The whole line, or None when it did not come about, whatever the reason; NULL for what no hook may keep to itself,
 * such as KeyboardInterrupt. */
PyObject *finished(Line *line, int written);

void prepare_checksums(void);

#endif
