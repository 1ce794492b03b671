/* runtime/core/directory/stage.c - Keeps rows of the directory unchanged until their commit; the parts of a business
 * table are read as one.
 *
 * Frames are stored as bytes. The commit reads them again: first to find faults, then to bring them into force. The
 * bytes are bounded. When the rows exceed the bound, further rows are refused, and `staged_cut` makes the commit
 * fail, too. */
#include <string.h>

#include "runtime/core/base/memory.h"
#include "runtime/core/base/state.h"
#include "runtime/core/directory/import.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/site/business.h"
#include "runtime/core/site/directory.h"
#include "runtime/vocabulary/events_site.h"

/* Stores a row. Rows of another version are left from a process that ended before its commit, and are dropped. */
static void directory_stage(struct core *core, const struct message *message, struct staging *to, uint64_t version)
{
    struct directory *directory = core->directory;
    uint32_t length = message->frame.length;
    if (directory->staged_version != version) staged_forget(directory);
    directory->staged_version = version;
    if (length > STAGED_BYTES_MAX - to->length) {
        directory->staged_cut = true;
        effect_reply(core->effects, message, outcome_error, code_too_large, "too many rows before a commit", NULL);
        return;
    }
    to->bytes = memory_grow(to->bytes, &to->capacity, to->length + length, 1);
    memcpy(to->bytes + to->length, message->frame.bytes, length);
    to->length += length;
}

void staged_forget(struct directory *directory)
{
    directory->staged.length = directory->bindings.length = 0;
    directory->staged_cut = false;
}

void core_directory_on_row(struct core *core, const struct message *message)
{
    directory_stage(core, message, &core->directory->staged, message_u(message, DirectoryRow_version));
}

void core_directory_stage_binding(struct core *core, const struct message *message)
{
    directory_stage(core, message, &core->directory->bindings, message_u(message, Activate_load));
}

static bool stage_frame(const struct staging *staging, uint32_t at, struct message *frame)
{
    size_t left = staging->length - at;
    return left > 0 && message_read(frame, staging->bytes + at, message_frame_size(staging->bytes + at, left), NULL);
}

static bool stage_read(const struct directory *directory, uint32_t at, struct message *row)
{
    return stage_frame(&directory->staged, at, row);
}

bool staged_binding(const struct directory *directory, uint32_t *at, struct message *message)
{
    if (!stage_frame(&directory->bindings, *at, message)) return false;
    *at += message->frame.length;
    return true;
}

static bool stage_rows(const struct message *row, struct span *pairs)
{
    struct kv_value value;
    if (message_u(row, DirectoryRow_table) != table_business) return false;
    if (!kv_get(message_text(row, DirectoryRow_row), "value", &value) || value.tag != KV_LIST) return false;
    *pairs = value.span;
    return true;
}

/* True: the row is that part of the same table whose earlier parts were read. */
static bool goes_on(const struct staged *staged, const struct message *row, uint64_t part)
{
    return message_u(row, DirectoryRow_part) == part && message_u(row, DirectoryRow_table) == staged->table &&
           span_equal(message_text(row, DirectoryRow_key), staged->key);
}

/* Reads the next staged row. Spans point into the staged bytes. `rows` belongs to the caller; the next call frees
 * it. */
bool staged_next(const struct directory *directory, struct staged *staged)
{
    struct message row;
    struct span pairs;
    business_free(&staged->rows);
    if (staged->hand && staged->row.length != 0) {
        staged->hands++;
        staged->hand_bytes += staged->row.length + staged->item.length;
    }
    if (!stage_read(directory, staged->at, &row)) return false; /* cannot fail: the row was read when it was staged */
    staged->at += row.frame.length;
    staged->table = (unsigned)message_u(&row, DirectoryRow_table);
    staged->key = message_text(&row, DirectoryRow_key);
    staged->row = message_text(&row, DirectoryRow_row);
    staged->until_us = message_i(&row, DirectoryRow_until);
    staged->hand = message_u(&row, DirectoryRow_hand) != 0;
    staged->item = message_text(&row, DirectoryRow_item);
    staged->actor = message_text(&row, ENVELOPE_actor);
    staged->why = message_text(&row, DirectoryRow_why);
    staged->is_rows = !staged->hand && stage_rows(&row, &pairs);
    staged->damaged = message_u(&row, DirectoryRow_part) != 0; /* the table's first part is missing */
    if (!staged->is_rows) return true;
    staged->damaged = staged->damaged || !business_add(&staged->rows, pairs);
    for (uint64_t part = 1; stage_read(directory, staged->at, &row) && goes_on(staged, &row, part); part++) {
        staged->at += row.frame.length;
        if (!stage_rows(&row, &pairs) || !business_add(&staged->rows, pairs)) staged->damaged = true;
    }
    business_sort(&staged->rows);
    return true;
}
