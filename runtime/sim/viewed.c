/* runtime/sim/viewed.c - Asks the core for a view as a desk does, page by page, and keeps one column. */
#include "runtime/sim/viewed.h"

#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/sim/values.h"
#include "runtime/vocabulary/vocabulary.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/kv.h"
#include "vm/bin_view.h"

static const char everybody[] = "*"; /* owns what lies in a workbin of everybody's */

/* Appends the values of the page's items; returns the id of the last one, 0 where there is none. */
static uint64_t viewed_page(struct span page, const char *column, json_t *into)
{
    struct kv_pair pair;
    uint32_t at = 0;
    uint64_t last = 0;
    while (kv_next(page, &at, &pair)) {
        if (!span_is(pair.key, "item") || pair.value.tag != KV_LIST) continue;
        json_t *item = value_of_kv(pair.value.span);
        bool key = bin_column_named(column, (uint32_t)strlen(column)) == BIN_COLUMNS;
        const json_t *where = key ? json_object_get(item, "data") : item;
        json_t *own = json_object_get(where, column);
        if (json_array_append_new(into, own ? json_incref(own) : json_null()) != 0 ||
            !ident_read_ixn(json_string_value(json_object_get(item, "id")), &last))
            last = 0;
        json_decref(item);
    }
    return last;
}

json_t *viewed_column(const struct core *core, const char *view, const char *whose, const char *column)
{
    struct view_asked asked = {
        .object = object_queue, .view = span_of(view), .whose = span_of(whose ? whose : everybody)};
    struct kv page;
    struct kv_value value;
    json_t *values = json_array();
    bool known = true, more = true;
    kv_init(&page);
    while (known && more) {
        kv_clear(&page);
        core_view(core, &asked, &page);
        known = kv_get(kv_span(&page), "count", &value);
        asked.after = viewed_page(kv_span(&page), column, values);
        more = asked.after != 0 && kv_get(kv_span(&page), "more", &value);
    }
    kv_free(&page);
    size_t count = json_array_size(values);
    if (known && strcmp(column, "count") != 0) return values;
    json_decref(values);
    return known ? json_integer((json_int_t)count) : NULL;
}
