/* tests/fuzz/fuzz_lists.c - Any bytes as what comes into calling lists: a file of records, of which all rows are
 * counted; a filter and an order, which the database understands where they are let through; a telephone number, whose
 * normal form is its own.
 *
 * The first byte says what the rest is taken for. The lists are in memory's file system. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/lists/lists.h"
#include "tests/fuzz/fuzz.h"
#include "runtime/vocabulary/person.h"

static struct lists *lists;
static char file[64];
static int64_t full; /* a list with records and fields, which filters are asked of */
static const int64_t now = INT64_C(1772452800000000);

static void ended(void)
{
    char name[80];
    lists_close(lists);
    for (int i = 0; i < 3; i++) {
        static const char *const behind[] = {"", "-wal", "-shm"};
        snprintf(name, sizeof name, "%s%s", file, behind[i]);
        unlink(name);
    }
}

static void opened(void)
{
    struct error error;
    char target[80];
    int64_t record;
    struct lists_form form = {.country = "DE"};
    struct lists_text fields[] = {{"balance", span_of("12.5")}, {"note", span_of("it's")}};
    struct lists_row row = {.number = span_of("030 1234567"), .fields = fields, .field_count = 2};
    if (lists) return;
    snprintf(file, sizeof file, "%s/gcx-fuzz-lists-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    int made = mkstemp(file);
    MUST(made >= 0);
    close(made);
    snprintf(target, sizeof target, "sqlite:%s", file);
    lists = lists_open(target, false, &error);
    MUST(lists && lists_make(lists, NULL, "full", now, &full, &error));
    MUST(lists_field(lists, full, "balance", true, &error) && lists_field(lists, full, "note", false, &error));
    MUST(lists_add(lists, full, &form, &row, now, &record, &error) == LISTS_done);
    atexit(ended);
}

static void row_refused(void *self, uint64_t row, unsigned line, enum lists_answer given, const char *why)
{
    ++*(uint64_t *)self;
    MUST(row > 0 && line > 1 && given != LISTS_done && given != LISTS_failed && *why);
}

static bool piece(void *self, struct span text)
{
    *(size_t *)self += text.length;
    return true;
}

static void records(const uint8_t *bytes, size_t length)
{
    static unsigned number;
    struct error error = {0};
    struct lists_told told;
    uint64_t refused = 0;
    size_t written = 0;
    char name[24], *text = malloc(length + 1);
    snprintf(name, sizeof name, "list%u", number++ % 8);
    memcpy(text, bytes, length);
    text[length] = '\0';
    struct lists_import asked = {.form = {.country = "DE"},
                                 .now = now,
                                 .map = (const char *const[]){"a=balance:number", "b=note:text", "c="},
                                 .map_count = 3,
                                 .refused = row_refused,
                                 .self = &refused};
    MUST(lists_make(lists, NULL, name, now, &asked.list, &error));
    bool good = lists_import(lists, &asked, text, length, &told, &error);
    MUST(good || (error.code != ERROR_UNAVAILABLE && error.text[0]));
    MUST(told.rows == told.taken + told.duplicates + told.refused && refused == told.duplicates + told.refused);
    MUST(lists_export(lists, asked.list, piece, &written, &error) && written > 0);
    free(text);
}

static void seen(void *self, const struct lists_record *record)
{
    (void)self;
    MUST(record->record > 0 && record->number.length > 0);
}

/* The filter ends at the first zero, behind which stands the order. */
static void filter(const uint8_t *bytes, size_t length)
{
    static int64_t ref;
    struct error error = {0};
    struct lists_released released;
    char *text = calloc(1, length + 2);
    memcpy(text, bytes, length);
    struct lists_selection *selection = lists_select(lists, full, text, text + strlen(text) + 1, &error);
    if (selection) {
        struct lists_portion portion = {
            .selection = selection, .session = "s", .campaign = "c", .ref = ++ref, .count = 1, .now = now};
        MUST(lists_fetch(lists, &portion, seen, NULL, &error));
        lists_select_end(selection);
        MUST(lists_unload(lists, "s", NULL, now, &released, &error));
    } else
        MUST(error.code == ERROR_INPUT && error.text[0]);
    free(text);
}

static void telephone(struct span text)
{
    char number[17], again[17];
    if (!person_number(text, "DE", number)) return;
    MUST(number[0] == '+' && strlen(number) > 7 && strspn(number + 1, "0123456789") == strlen(number + 1));
    MUST(person_number(span_of(number), NULL, again) && strcmp(number, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    opened();
    if (length == 0) return 0;
    if (bytes[0] % 3 == 0)
        records(bytes + 1, length - 1);
    else if (bytes[0] % 3 == 1)
        filter(bytes + 1, length - 1);
    else
        telephone((struct span){bytes + 1, (uint32_t)(length - 1)});
    return 0;
}
