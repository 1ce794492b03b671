/* runtime/daemon/admin/reads_profile.c - Begins a profile of the strategies, and reads a page of its rows at a time.
 *
 * A request without `from` begins a profile, or ends it if its seconds are 0; its answer says how long the profile
 * goes on, and as `next` the cursor of its first page. The rows no longer change once the profile is over, so pages
 * are made without the core. */
#include <inttypes.h>
#include <stdio.h>

#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/service/profiling.h"
#include "runtime/profile/profiled.h"

enum { PROFILE_CURSOR = 48 };

static void profile_refuse(struct asking *asking, enum error_code code, const char *text)
{
    error_set(asking->error, code, "%s", text);
    asking->good = false;
}

static json_t *profile_row_json(const struct profile *profile, const struct profile_row *row)
{
    json_t *object = json_object();
    json_put(object, "function",
             json_text_of((struct span){(const uint8_t *)row->function.bytes, row->function.length}));
    json_put(object, "file", json_text_of((struct span){(const uint8_t *)row->at.file.bytes, row->at.file.length}));
    json_put_number(object, "line", row->at.line);
    json_put_hash(object, "image", image_hash(profile_image(profile, row->image)));
    json_put_number(object, "place", row->place);
    json_put(object, "caller", row->caller == PROFILE_NONE ? json_null() : json_integer((json_int_t)row->caller));
    for (unsigned c = 0; c < PROFILE_COUNTS; c++) json_put_number(object, profile_member(c), row->counts[c]);
    return object;
}

/* Writes as many rows from `from` on as an answer may have; while the profile goes on, none. */
static void profile_page_put(struct asking *asking, const struct profiling_row *of, uint64_t from)
{
    struct profile_row row;
    char next[PROFILE_CURSOR];
    json_t *rows = json_array();
    uint64_t at = from;
    if (of->profile)
        for (; at < from + PAGE_ROWS && at < UINT32_MAX && profile_row_read(of->profile, (uint32_t)at, &row); at++)
            json_append(rows, profile_row_json(of->profile, &row));
    bool more = !of->profile || (at < UINT32_MAX && profile_row_read(of->profile, (uint32_t)at, &row));
    snprintf(next, sizeof next, "%" PRIu64 ":%" PRIu64, of->number, at);
    json_put(asking->into, "profile", rows);
    json_put_number(asking->into, "left_us", of->left_us);
    json_put_number(asking->into, "left_out", of->profile ? profile_left_out(of->profile) : 0);
    json_put(asking->into, "next", more ? json_string(next) : json_null());
}

void reads_profile_fill(struct asking *asking)
{
    const char *cursor = reads_asked_text(asking, "from");
    uint64_t seconds = reads_asked_number(asking, "seconds", PROFILING_SECONDS), number = 0, from = 0;
    struct profiling_row row;
    char behind;
    if (cursor && sscanf(cursor, "%" SCNu64 ":%" SCNu64 "%c", &number, &from, &behind) != 2) {
        profile_refuse(asking, ERROR_INPUT, "`from` is what an answer said as `next`");
        return;
    }
    if (!cursor && !profiling_ask(asking->daemon, seconds, asking->error)) {
        asking->good = false;
        return;
    }
    profiling_read(asking->daemon, &row);
    if (cursor && (number == 0 || number != row.number || from > UINT32_MAX)) {
        profile_refuse(asking, ERROR_STATE, "another profile was begun meanwhile, or gcxvm anew: begin again");
        return;
    }
    profile_page_put(asking, &row, from);
}
