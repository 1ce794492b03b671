/* runtime/ctl/profile.c - A profile of a running gcxvm: begins it, waits for its end, and shows it as gcxc profile
 * does.
 *
 * gcxvm counts for a limited time, and stops by itself. While gcxvm counts, gcxctl keeps no connection; afterwards
 * gcxctl asks for the rows, and adds them up. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"
#include "runtime/profile/profiled.h"
#include "base/memory.h"

enum { HASH_TOLD = 12 };

json_t *ctl_profile(struct ctl *ctl, const json_t *request, enum ctl_exit *result)
{
    json_t *asked = json_deep_copy(request), *answer;
    for (;;) {
        answer = ctl_ask(ctl, json_incref(asked), result);
        long long left_us = answer ? ctl_number_at(answer, "left_us") : 0;
        if (left_us == 0) break;
        json_object_set(asked, "from", json_object_get(answer, "next"));
        json_decref(answer);
        ctl_close(ctl);
        nanosleep(&(struct timespec){(time_t)(left_us / 1000000), (long)(left_us % 1000000) * 1000}, NULL);
    }
    json_decref(answer);
    if (*result == CTL_good) return ctl_ask_all(ctl, asked, "profile", 0, result);
    json_decref(asked);
    return NULL;
}

static struct text profile_text_at(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return (struct text){text ? text : "", text ? (uint32_t)strlen(text) : 0};
}

/* The index of the image: that of the first row with the same image. */
static uint32_t profile_image_at(const json_t *list, const struct profile_row *rows, uint32_t index)
{
    const char *hash = ctl_text_at(json_array_get(list, index), "image");
    for (uint32_t i = index; i-- > 0;)
        if (strcmp(ctl_text_at(json_array_get(list, i), "image"), hash) == 0) return rows[i].image;
    return index;
}

/* Reads the rows. The caller of a row is an earlier row; another number counts as none, because gcxvm may be of
 * another version than gcxctl. */
static struct profile_row *profile_rows_take(const json_t *list, uint32_t *count)
{
    struct profile_row *rows = memory_zeroed(json_array_size(list) + 1, sizeof *rows);
    const json_t *from;
    size_t i;
    *count = (uint32_t)json_array_size(list);
    json_array_foreach(list, i, from)
    {
        const json_t *caller = json_object_get(from, "caller");
        long long number = json_is_integer(caller) ? (long long)json_integer_value(caller) : -1;
        struct profile_row *row = &rows[i];
        row->caller = number >= 0 && number < (long long)i ? (uint32_t)number : PROFILE_NONE;
        row->place = (uint32_t)ctl_number_at(from, "place");
        row->image = profile_image_at(list, rows, (uint32_t)i);
        row->function = profile_text_at(from, "function");
        row->at.file = profile_text_at(from, "file");
        row->at.line = (uint32_t)ctl_number_at(from, "line");
        for (unsigned c = 0; c < PROFILE_COUNTS; c++) row->counts[c] = (uint64_t)ctl_number_at(from, profile_member(c));
    }
    return rows;
}

/* Prints the function's name (strategy or subroutine), and the first digits of its image. */
static void profile_put_function(void *list, FILE *out, const struct profile_line *line)
{
    fprintf(out, "  %.*s of %.*s", (int)line->function.length, line->function.bytes, HASH_TOLD,
            ctl_text_at(json_array_get(list, line->image), "image"));
}

void ctl_show_profile(const struct ctl_line *line, const json_t *answer)
{
    json_t *tame = show_tame(answer), *list = json_object_get(tame, "profile");
    uint32_t row_count, count;
    struct profile_row *rows = profile_rows_take(list, &row_count);
    struct profile_line *lines = profile_lines_make(rows, row_count, &count);
    struct profile_telling telling = {.by = line->by,
                                      .most = line->lines,
                                      .left_out = (uint64_t)ctl_number_at(tame, "left_out"),
                                      .more = profile_put_function,
                                      .self = list};
    if (line->folded)
        profile_tell_stacks(rows, row_count, line->by, stdout);
    else if (line->lcov)
        profile_tell_lcov(lines, count, line->by, stdout);
    else if (row_count == 0)
        puts("no strategy has run meanwhile");
    else
        profile_tell_lines(&telling, lines, count, stdout);
    free(lines);
    free(rows);
    json_decref(tame);
}
