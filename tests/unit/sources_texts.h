/* tests/unit/sources_texts.h - A statement's lists that neither kind of database may take apart. */
#pragma once

#include "runtime/vocabulary/kv.h"

/* Texts that a list must not be taken apart by, and none. */
static inline void put_texts(struct kv *params)
{
    static const char *const texts[] = {"4711", "O\"Brien", "back\\slash", "a,b", "{}", "line\n", ""};
    kv_init(params);
    kv_list_begin(params, span_of("1"));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) kv_put_text(params, "item", span_of(texts[i]));
    kv_put_none(params, "item");
    kv_list_end(params);
    kv_list_begin(params, span_of("2"));
    kv_put_int(params, "item", 7);
    kv_put_int(params, "item", -9);
    kv_list_end(params);
    kv_list_begin(params, span_of("3"));
    kv_list_end(params);
}
