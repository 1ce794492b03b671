/* tests/unit/desk_prompts.c - The folder of sounds: what is replaced is kept, comes back by hand or when the time is
 * over, also after a restart; what is no prompt is refused with a sentence. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/desk/prompts_kept.h"

TestSuite(desk_prompts, .timeout = 60);

static char folder[64];
static struct prompts_kept *kept;
static struct error error;

static void reopen(void)
{
    prompts_kept_free(kept);
    error = (struct error){0};
    kept = prompts_kept_new(folder, &error);
    cr_assert(kept, "%s", error.text);
}

static void begin(void)
{
    strcpy(folder, "/tmp/prompts-XXXXXX");
    cr_assert(mkdtemp(folder));
    kept = NULL;
    reopen();
}

static void end(void)
{
    char *command = g_strdup_printf("rm -rf %s", folder);
    prompts_kept_free(kept);
    cr_assert_eq(system(command), 0);
    g_free(command);
}

/* Puts a copy aside, or back, as if the program had stopped between two steps. */
static void shell(const char *command)
{
    char *all = g_strdup_printf("cd %s && %s", folder, command);
    cr_assert_eq(system(all), 0, "%s", all);
    g_free(all);
}

/* A WAVE file with one sample, which tells the files apart. */
static size_t wave(uint8_t file[64], uint8_t sample, uint8_t channels)
{
    static const uint8_t head[] = {'R', 'I', 'F', 'F', 38, 0, 0,   0,   'W', 'A',  'V',  'E', 'f', 'm',  't',
                                   ' ', 16,  0,   0,   0,  1, 0,   1,   0,   0x40, 0x1f, 0,   0,   0x80, 0x3e,
                                   0,   0,   2,   0,   16, 0, 'd', 'a', 't', 'a',  2,    0,   0,   0};
    memcpy(file, head, sizeof head);
    file[22] = channels;
    file[sizeof head] = sample;
    file[sizeof head + 1] = 0;
    return sizeof head + 2;
}

static bool put(const char *name, const char *language, uint8_t sample, int64_t now_ms, int64_t until_ms,
                int64_t seen_ms)
{
    const struct prompt_change change = {name, language, "anne", "a try", now_ms, until_ms, seen_ms};
    uint8_t file[64];
    error = (struct error){0};
    return prompts_kept_put(kept, &change, file, wave(file, sample, 1), &error);
}

static bool undo(const char *name, const char *language, int64_t seen_ms)
{
    const struct prompt_change change = {name, language, "anne", "it is over", 9000, 0, seen_ms};
    error = (struct error){0};
    return prompts_kept_undo(kept, &change, &error);
}

/* The sample that is heard; -1: there is no sound. */
static int heard(const char *name, const char *language)
{
    uint8_t file[64] = {0};
    int at = prompts_kept_open(folder, name, language);
    if (at < 0) return -1;
    cr_assert(read(at, file, sizeof file) > 44);
    close(at);
    return file[44];
}

Test(desk_prompts, a_change_is_taken_back_one_by_one, .init = begin, .fini = end)
{
    cr_assert(put("welcome", "fr", 1, 100, 0, 0), "%s", error.text);
    cr_assert(put("welcome", "fr", 2, 200, 0, 100));
    cr_expect_eq(heard("welcome", "fr"), 2);
    cr_expect_eq(heard("welcome", ""), -1, "another language has it");
    reopen();
    cr_assert(undo("welcome", "fr", 200), "%s", error.text);
    cr_expect_eq(heard("welcome", "fr"), 1);
    cr_assert(undo("welcome", "fr", -1));
    cr_expect_eq(heard("welcome", "fr"), -1, "there was none before");
    cr_expect(!undo("welcome", "fr", -1) && error.code == ERROR_STATE);
}

Test(desk_prompts, a_change_with_an_end_is_over, .init = begin, .fini = end)
{
    cr_assert(put("closed", "", 1, 100, 0, 0) && put("closed", "", 2, 200, 500, -1));
    cr_expect_eq(prompts_kept_over(kept, 499, &error), 0);
    cr_expect_eq(heard("closed", ""), 2);
    reopen();
    cr_expect_eq(prompts_kept_over(kept, 500, &error), 1);
    cr_expect_eq(heard("closed", ""), 1);
    /* One that is made meanwhile takes its place. */
    cr_assert(put("closed", "", 3, 600, 900, 100) && put("closed", "", 4, 700, 0, 600));
    cr_expect_eq(prompts_kept_over(kept, 1000, &error), 0);
    cr_expect_eq(heard("closed", ""), 4);
    cr_assert(undo("closed", "", 700));
    cr_expect_eq(heard("closed", ""), 1);
}

Test(desk_prompts, what_a_stop_has_cut_is_finished, .init = begin, .fini = end)
{
    cr_assert(put("closed", "", 1, 100, 0, 0) && put("closed", "", 2, 200, 500, -1));
    /* Before the new sound was heard. */
    shell("mv closed.wav .changes/200.new && ln .changes/200.wav closed.wav");
    reopen();
    cr_expect_eq(heard("closed", ""), 2);
    /* After the old one came back, and before that was noted. */
    shell("mv .changes/200.wav closed.wav");
    reopen();
    cr_expect_eq(prompts_kept_over(kept, 1000, &error), 0);
    cr_expect_eq(heard("closed", ""), 1);
    /* In the middle of a line: the next line is whole. */
    shell("printf '{\"sound\": \"clo' >>.changes/log.jsonl");
    reopen();
    cr_assert(put("closed", "", 3, 600, 700, 100), "%s", error.text);
    reopen();
    cr_expect_eq(prompts_kept_over(kept, 700, &error), 1);
    cr_expect_eq(heard("closed", ""), 1);
}

Test(desk_prompts, what_cannot_be_done_is_not_noted, .init = begin, .fini = end)
{
    cr_assert(put("closed", "", 1, 100, 0, 0) && put("other", "", 1, 100, 0, 0), "at the same moment");
    cr_assert(put("closed", "", 2, 200, 500, 100) && put("other", "", 3, 200, 500, -1), "%s", error.text);
    shell("mv closed.wav kept && mkdir -p closed.wav/x");
    error = (struct error){0};
    cr_expect_eq(prompts_kept_over(kept, 1000, &error), 1, "the other one is back");
    cr_expect_eq(error.code, ERROR_SYSTEM);
    cr_expect_eq(heard("other", ""), 1);
    cr_expect(!put("closed", "", 4, 2000, 0, -1) && error.code == ERROR_SYSTEM);
    shell("rm -r closed.wav && mv kept closed.wav");
    cr_expect_eq(prompts_kept_over(kept, 1000, &error), 1);
    cr_expect_eq(heard("closed", ""), 1);
}

Test(desk_prompts, who_has_seen_an_older_one_is_refused, .init = begin, .fini = end)
{
    cr_assert(put("welcome", "", 1, 100, 0, 0));
    cr_expect(!put("welcome", "", 2, 200, 0, 0) && error.code == ERROR_STATE, "%s", error.text);
    cr_expect(!undo("welcome", "", 99) && error.code == ERROR_STATE);
    cr_expect_eq(heard("welcome", ""), 1);
}

Test(desk_prompts, what_is_no_prompt_is_refused, .init = begin, .fini = end)
{
    const struct prompt_change change = {"welcome", "", "anne", "a try", 100, 0, -1};
    uint8_t file[64];
    size_t length = wave(file, 1, 2);
    cr_expect(!prompts_kept_put(kept, &change, file, length, &error) && strstr(error.text, "this file has 2 of 8000"),
              "%s", error.text);
    length = wave(file, 1, 1);
    for (size_t cut = 0; cut < length; cut++)
        cr_expect(!prompts_kept_put(kept, &change, file, cut, &error) && error.code == ERROR_INPUT, "%zu bytes", cut);
    static const char *const names[] = {"", "../x", ".changes", "a/b", "a b", "x\n"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect(!put(names[i], "", 1, 100, 0, -1) && error.code == ERROR_INPUT, "`%s`", names[i]);
    cr_expect(!put("x", "..", 1, 100, 0, -1) && prompts_kept_open(folder, "x", "..") < 0);
}

Test(desk_prompts, the_list_has_who_and_why, .init = begin, .fini = end)
{
    cr_assert(put("welcome", "fr", 1, 100, 9000, 0) && put("closed", "", 2, 200, 0, 0));
    json_t *list = prompts_kept_list(kept), *row;
    size_t i;
    cr_assert_eq(json_array_size(list), 2);
    json_array_foreach(list, i, row)
    {
        const json_t *act = json_array_get(json_object_get(row, "changes"), 0);
        cr_expect_str_eq(json_string_value(json_object_get(act, "by")), "anne");
        cr_expect_str_eq(json_string_value(json_object_get(act, "why")), "a try");
        bool fr = strcmp(json_string_value(json_object_get(row, "language")), "fr") == 0;
        cr_expect_eq(json_integer_value(json_object_get(row, "changed_ms")), fr ? 100 : 200);
        cr_expect_eq(json_integer_value(json_object_get(row, "until_ms")), fr ? 9000 : 0);
    }
    json_decref(list);
}
