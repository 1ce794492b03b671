/* runtime/adapters/desk/web.h - The pages of the desk (web/), as they are served: made into C by local.mk. */
#pragma once

#include <stddef.h>

struct web_file {
    const char *name, *type;
    const unsigned char *bytes;
    size_t length;
};

const struct web_file *web_find(const char *name); /* NULL: there is none */
