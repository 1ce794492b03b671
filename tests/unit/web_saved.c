/* tests/unit/web_saved.c - Rows in a file: what was put is there for the next process, whatever became of this one. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/web/saved.h"

TestSuite(web_saved, .timeout = 60);

static char folder[] = "/tmp/web_saved-XXXXXX", path[64];
static int seen, sum;

static char log_text[300];
static bool rubbish_there; /* in the file, as it was told that it is damaged */

/* Those below zero are of no use. */
static bool take(void *self, const json_t *chat)
{
    int n = (int)json_integer_value(json_object_get(chat, "n"));
    (void)self;
    seen++;
    sum += n;
    return n >= 0;
}

static void on_log(struct gcx_link *link, int level, uint64_t ixn, uint64_t conn, const char *format, ...)
{
    va_list arguments;
    char bytes[256] = "";
    (void)link, (void)ixn, (void)conn;
    cr_assert_eq(level, GCX_LOG_ERROR);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    rubbish_there = fread(bytes, 1, sizeof bytes - 1, file) > 0 && strstr(bytes, "rubbish");
    fclose(file);
    va_start(arguments, format);
    vsnprintf(log_text, sizeof log_text, format, arguments);
    va_end(arguments);
}

static struct saved *begin(void)
{
    char why[200];
    seen = sum = 0;
    *log_text = '\0';
    struct saved *saved =
        saved_open(path, NULL, &(const struct gcx_services){.log = on_log}, take, NULL, why, sizeof why);
    cr_assert(saved, "%s", why);
    return saved;
}

static void init(void)
{
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/chats", folder);
}

static void fini(void)
{
    unlink(path);
    rmdir(folder);
}

static void put(struct saved *saved, const char *id, int n)
{
    cr_assert(saved_put(saved, id, json_pack("{s:i}", "n", n)));
}

Test(web_saved, what_is_open_is_there_for_the_next_process, .init = init, .fini = fini)
{
    struct saved *saved = begin();
    put(saved, "a", 1);
    put(saved, "b", 2);
    put(saved, "c", 4);
    put(saved, "a", 8);
    cr_assert(saved_over(saved, "b"));
    cr_assert(saved_over(saved, "unknown"));
    saved_close(saved);
    saved_close(begin());
    cr_expect(seen == 2 && sum == 12, "%d chats, %d", seen, sum);
}

Test(web_saved, it_is_its_owners_alone, .init = init, .fini = fini)
{
    struct stat found;
    saved_close(begin());
    cr_assert(stat(path, &found) == 0);
    cr_expect((found.st_mode & 077) == 0);
}

/* Somebody has the file open that a process left there unfinished. */
Test(web_saved, the_file_is_never_one_that_others_have_open, .init = init, .fini = fini)
{
    char fresh[80], line[80];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *other = fopen(fresh, "w+");
    cr_assert(other);
    struct saved *saved = begin();
    put(saved, "secret", 1);
    cr_expect_null(fgets(line, sizeof line, other), "%s", line);
    fclose(other);
    saved_close(saved);
}

Test(web_saved, a_line_that_is_cut_off_or_none_is_passed_over, .init = init, .fini = fini)
{
    FILE *file = fopen(path, "w");
    fputs("{\"id\":\"a\",\"n\":1}\nrubbish\n[]\n{\"n\":64}\n{\"id\":7}\n\n{\"id\":\"b\",\"n\":2}", file);
    fclose(file);
    saved_close(begin());
    cr_expect(seen == 1 && sum == 1, "%d chats, %d", seen, sum);
}

/* Of a line that is cut off nobody was told that it is there, and one of blanks is that of a row that has changed. */
Test(web_saved, damaged_lines_are_told_once, .init = init, .fini = fini)
{
    char wanted[200];
    FILE *file = fopen(path, "w");
    fputs("{\"id\":\"a\",\"n\":1}\n          \n\nrubbish\n{\"n\":64}\n{\"id\":\"b\",\"n\":2", file);
    fclose(file);
    struct saved *saved = begin();
    snprintf(wanted, sizeof wanted, "state: %s: 2 of 5 lines are damaged, line 4 first: what they said is lost", path);
    cr_expect_str_eq(log_text, wanted);
    cr_expect(rubbish_there, "who is killed now has told nobody");
    saved_close(saved);
    saved = begin();
    cr_expect_str_eq(log_text, "");
    saved_close(saved);
    file = fopen(path, "w");
    cr_assert_eq(fwrite("\0\0\0\n", 1, 4, file), 4); /* what a disk leaves that has lost its power */
    fclose(file);
    saved = begin();
    cr_expect(strstr(log_text, ": 1 of 1 lines are damaged, line 1 first: "), "%s", log_text);
    saved_close(saved);
}

Test(web_saved, a_row_that_is_of_no_use_is_there_once, .init = init, .fini = fini)
{
    struct saved *saved = begin();
    put(saved, "a", -1);
    put(saved, "b", 2);
    saved_close(saved);
    saved_close(begin());
    cr_expect(seen == 2 && sum == 1, "%d chats, %d", seen, sum);
    saved_close(begin());
    cr_expect(seen == 1 && sum == 2, "%d chats, %d", seen, sum);
}

Test(web_saved, the_file_does_not_grow_with_what_is_over, .init = init, .fini = fini)
{
    struct saved *saved = begin();
    struct stat found;
    char id[16];
    put(saved, "stays", 1);
    for (int i = 0; i < 10000; i++) {
        snprintf(id, sizeof id, "%d", i);
        put(saved, id, 2);
        cr_assert(saved_over(saved, id));
    }
    saved_close(saved);
    cr_assert(stat(path, &found) == 0);
    cr_expect(found.st_size < 10000, "%ld bytes", (long)found.st_size);
    saved_close(begin());
    cr_expect(seen == 1 && sum == 1, "%d chats, %d", seen, sum);
}

static int lines_that_have(const char *text)
{
    char line[256];
    int count = 0;
    FILE *file = fopen(path, "r");
    cr_assert(file);
    while (fgets(line, sizeof line, file)) count += strstr(line, text) != NULL;
    fclose(file);
    return count;
}

Test(web_saved, what_has_changed_or_is_over_stands_in_the_file_no_more, .init = init, .fini = fini)
{
    struct saved *saved = begin();
    put(saved, "b", 2);
    cr_assert(saved_put(saved, "a", json_pack("{s:s}", "name", "Otto")));
    cr_assert_eq(lines_that_have("Otto"), 1);
    cr_assert(saved_put(saved, "a", json_pack("{s:s}", "name", "Anna")));
    cr_assert_eq(lines_that_have("Otto"), 0);
    saved_close(saved);
    saved = begin();
    put(saved, "c", 4);
    cr_assert_eq(lines_that_have("Anna"), 1);
    cr_assert(saved_over(saved, "a"));
    cr_assert_eq(lines_that_have("Anna"), 0);
    saved_close(saved);
    saved_close(begin());
    cr_expect(seen == 2 && sum == 6, "%d chats, %d", seen, sum);
}
