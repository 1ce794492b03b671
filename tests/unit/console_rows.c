/* tests/unit/console_rows.c - What has changed between two readings of rows. */
#include "runtime/console/rows.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static json_t *page(const char *text)
{
    json_error_t wrong;
    json_t *rows = json_loads(text, JSON_DECODE_ANY, &wrong);
    cr_assert(rows, "%s", wrong.text);
    return rows;
}

static void reads(struct live_rows *rows, const char *text)
{
    json_t *one = page(text);
    console_rows_page(rows, one);
    console_rows_read(rows);
    json_decref(one);
}

static void changes(struct live_rows *rows, const char *expected)
{
    json_t *is = console_rows_changes(rows), *should = page(expected);
    char *text = json_dumps(is, JSON_COMPACT);
    cr_assert(json_equal(is, should), "%s", text);
    free(text);
    json_decref(is);
    json_decref(should);
}

Test(console_rows, tells_what_is_new_other_and_gone)
{
    struct live_rows *rows = console_rows_new("name");
    reads(rows, "[{\"name\": \"a\", \"state\": \"ready\", \"ixn\": null, \"has\": {}, \"lent\": false, \"dn\": \"\", "
                "\"groups\": []},"
                " {\"name\": \"b\", \"claims\": 0}, {\"nobody\": 1}, 3]");
    changes(rows,
            "{\"rows\": [{\"name\": \"a\", \"state\": \"ready\"}, {\"name\": \"b\", \"claims\": 0}], \"gone\": []}");
    cr_assert_not(console_rows_changed(rows));
    reads(rows, "[{\"name\": \"a\", \"state\": \"ready\"}, {\"name\": \"b\", \"claims\": 1}]");
    cr_assert(console_rows_changed(rows));
    changes(rows, "{\"rows\": [{\"name\": \"b\", \"claims\": 1}], \"gone\": []}");
    reads(rows, "[{\"name\": \"b\", \"claims\": 1}]");
    cr_assert(console_rows_changed(rows));
    changes(rows, "{\"rows\": [], \"gone\": [\"a\"]}");
    console_rows_free(rows);
}

Test(console_rows, a_row_that_came_and_went_is_told_once)
{
    struct live_rows *rows = console_rows_new("name");
    reads(rows, "[{\"name\": \"a\"}]");
    reads(rows, "[]");
    changes(rows, "{\"rows\": [], \"gone\": [\"a\"]}");
    reads(rows, "[{\"name\": \"a\"}]");
    reads(rows, "[]");
    reads(rows, "[{\"name\": \"a\", \"claims\": 2}]");
    changes(rows, "{\"rows\": [{\"name\": \"a\", \"claims\": 2}], \"gone\": []}");
    console_rows_free(rows);
}

Test(console_rows, pages_of_one_reading_belong_together)
{
    struct live_rows *rows = console_rows_new("name");
    json_t *first = page("[{\"name\": \"a\"}]");
    console_rows_page(rows, first);
    reads(rows, "[{\"name\": \"b\"}]");
    json_t *whole = console_rows_whole(rows);
    cr_assert_eq(json_array_size(json_object_get(whole, "rows")), 2u);
    cr_assert(json_is_true(json_object_get(whole, "whole")));
    json_decref(whole);
    json_decref(first);
    console_rows_free(rows);
}
