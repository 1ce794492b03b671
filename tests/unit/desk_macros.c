/* tests/unit/desk_macros.c - The file of macros: what a section may have, what is refused and with which words; tags.
 */
#include "config.h"

#include <criterion/criterion.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "runtime/adapters/desk/macros.h"

static char *tags[] = {"billing", "urgent", NULL}, *data[] = {"stage", NULL}, *codes[] = {"refunded", NULL},
            *queues[] = {"billing", NULL}, *workbins[] = {"later", NULL};

/* Reads a file with this text. */
static json_t *read_text(const char *text, char why[300])
{
    char *path = NULL;
    int fd = g_file_open_tmp("gcx-macros-XXXXXX", &path, NULL);
    cr_assert(fd >= 0);
    cr_assert(g_close(fd, NULL) && g_file_set_contents(path, text, -1, NULL));
    struct desk_setting setting = {.macros = path,
                                   .all_tags = tags,
                                   .all_data = data,
                                   .all_wrapups = codes,
                                   .all_queues = queues,
                                   .all_workbins = workbins};
    json_t *all = macros_read(&setting, why, 300);
    g_unlink(path);
    g_free(path);
    return all;
}

Test(macros, a_section_has_all_that_it_says)
{
    char why[300] = "";
    json_t *all = read_text("[Refund]\nresponse = A/b\ntags = billing, urgent\ndata.stage = two\nwrapup = refunded\n"
                            "workbin = later\nreason = why\n[End]\nfinish = yes\n",
                            why);
    cr_assert(all, "%s", why);
    cr_expect_eq(json_array_size(all), 2);
    char *text = json_dumps(macro_named(all, "Refund"), JSON_SORT_KEYS | JSON_COMPACT);
    cr_expect_str_eq(
        text, "{\"data\":{\"stage\":\"two\"},\"name\":\"Refund\",\"place\":\"later\",\"reason\":\"why\","
              "\"response\":\"A/b\",\"tags\":[\"billing\",\"urgent\"],\"to\":\"workbin\",\"wrapup\":\"refunded\"}");
    free(text);
    cr_expect(json_is_true(json_object_get(macro_named(all, "End"), "finish")));
    cr_expect_not(macro_named(all, "refund"));
    json_decref(all);
}

Test(macros, a_mistake_is_told_with_its_section_and_part)
{
    static const char *const cases[][2] = {
        {"[a]\ntags = vip\n", "[a] tags: each is one"},
        {"[a]\ntags =\n", "[a] tags: each is one"},
        {"[a]\ndata.vip = 1\n", "[a] data.vip: the setting `data`"},
        {"[a]\ndata. = 1\n", "[a] data.: no part of a macro"},
        {"[a]\nwrapup = x\n", "[a] wrapup: it is none"},
        {"[a]\nqueue = later\n", "[a] queue: it is none"},
        {"[a]\nworkbin = billing\n", "[a] workbin: it is none"},
        {"[a]\nqueue = billing\nworkbin = later\n", "[a] workbin: it goes to one place"},
        {"[a]\nqueue = billing\nfinish = yes\n", "[a]: what is finished goes nowhere"},
        {"[a]\nreason = x\nfinish = yes\n", "[a]: `reason` goes with"},
        {"[a]\nqueue = billing\nreason =\n", "[a] reason: a reason has"},
        {"[a]\nfinish = no\n", "[a] finish: yes"},
        {"[a]\nresponse =\n", "[a] response: CATEGORY/NAME"},
        {"[a]\ntag = billing\n", "[a] tag: no part of a macro: response"},
        {"[a]\n", "[a]: it does nothing"},
        {"tags = billing\n", "macros: "},
        {"[a\n", "macros: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char why[300] = "";
        cr_expect_not(read_text(cases[i][0], why), "%s", cases[i][0]);
        cr_expect(strstr(why, cases[i][1]), "\"%s\" but: %s", cases[i][1], why);
    }
}

Test(macros, there_are_not_too_many_and_a_file_is_there)
{
    char why[300] = "", name[80];
    struct desk_setting setting = {.macros = "/nowhere/macros"};
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 201; i++) g_string_append_printf(text, "[%d]\nresponse = a/b\n", i);
    cr_expect_not(read_text(text->str, why));
    cr_expect(strstr(why, "has 201, and 200 are the most"), "%s", why);
    g_string_truncate(text, 0);
    memset(name, 'a', 65), name[65] = '\0';
    g_string_append_printf(text, "[%s]\nresponse = a/b\n", name);
    cr_expect_not(read_text(text->str, why));
    cr_expect(strstr(why, "64 bytes at most"), "%s", why);
    g_string_free(text, TRUE);
    cr_expect_not(macros_read(&setting, why, sizeof why));
    cr_expect(strstr(why, "/nowhere/macros"), "%s", why);
}

Test(macros, tags_are_those_of_the_setting_and_stand_once)
{
    struct desk_setting setting = {.all_tags = tags};
    cr_expect(macros_tags_good(&setting, "urgent, billing") && macros_tags_good(&setting, ""));
    cr_expect_not(macros_tags_good(&setting, "urgent, vip"));
    json_t *more = json_pack("[s, s]", "billing", "urgent");
    char *joined = macros_tags_joined("urgent", more), *fresh = macros_tags_joined("", more);
    cr_expect_str_eq(joined, "urgent, billing");
    cr_expect_str_eq(fresh, "billing, urgent");
    g_free(joined), g_free(fresh);
    json_decref(more);
}
