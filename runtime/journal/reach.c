/* runtime/journal/reach.c - How far the journal must reach, according to the end mark and the newest snapshot. */
#include "runtime/journal/reach.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/journal/end_mark.h"
#include "runtime/journal/snapshots.h"
#include "base/memory.h"

/* Was the snapshot really cut? A snapshot that cannot be decrypted because the keys are gone still counts as cut. */
static bool was_cut(const struct snapshot_row *row)
{
    struct snapshot_head head;
    struct error why = {0};
    return snapshot_head_read(row->path, &head, &why) || why.code == ERROR_DENIED;
}

uint64_t reach_snapshot(const char *state)
{
    struct snapshot_row *rows = memory_zeroed(SNAPSHOTS_MAX, sizeof *rows);
    size_t count = snapshots_list(state, rows), at = 0;
    while (at < count && !was_cut(&rows[at])) at++;
    uint64_t number = at < count ? rows[at].number : 0;
    free(rows);
    return number;
}

bool reach_read(const char *state, struct reach *reach, struct error *error)
{
    *reach = (struct reach){.snapshot = reach_snapshot(state)};
    return end_mark_said(state, &reach->acknowledged, error);
}

bool reach_holds(const struct reach *reach, uint64_t last, struct error *error)
{
    if (!end_mark_holds(reach->acknowledged, last, error)) return false;
    if (reach->snapshot <= last) return true;
    return error_set(
        error, ERROR_STATE,
        "the journal ends at batch %" PRIu64 ", but a snapshot was cut after batch %" PRIu64
        ": its end was lost; put the whole journal back, or start gcxvm once with --accept-loss and without "
        "--follow",
        last, reach->snapshot);
}

bool reach_journal_is_there(const char *state)
{
    static const char *const files[] = {"journal.db", "journal.postgres"};
    bool there = false;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = memory_format("%s/%s", state, files[i]);
        there = there || access(path, F_OK) == 0 || errno != ENOENT;
        free(path);
    }
    return there;
}
