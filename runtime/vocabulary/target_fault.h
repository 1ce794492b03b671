/* runtime/vocabulary/target_fault.h - Finds the parts that a connection string must not have in a place that
 * everybody can read.
 *
 * A password is refused. In postgresql://user:word/db the word is the port, which libpq's error message would quote:
 * so a port that is no number is refused before that, and not shown. */
#pragma once

#include <libpq-fe.h>
#include <string.h>

enum target_fault { TARGET_GOOD, TARGET_PASSWORD, TARGET_PORT };

/* Returns what is wrong with a connection string that libpq has parsed; `options` may be NULL, which is good. */
static inline enum target_fault target_fault(const PQconninfoOption *options)
{
    enum target_fault fault = TARGET_GOOD;
    for (; options && options->keyword && fault != TARGET_PASSWORD; options++) {
        const char *value = options->val ? options->val : "";
        if (*value && (strcmp(options->keyword, "password") == 0 || strcmp(options->keyword, "sslpassword") == 0))
            fault = TARGET_PASSWORD;
        else if (strcmp(options->keyword, "port") == 0 && value[strspn(value, "0123456789,")])
            fault = TARGET_PORT;
    }
    return fault;
}
