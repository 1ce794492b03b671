/* tests/unit/sim_statement.c - The table and the bound columns of a statement, whatever its text. */
#include <criterion/criterion.h>
#include <string.h>

#include "runtime/sim/statement.h"

static struct statement_words words_of(const char *sql)
{
    struct statement_words words;
    statement_read(sql, strlen(sql), &words);
    return words;
}

Test(sim_statement, a_question_mark_is_compared_with_the_column_before, .timeout = 10)
{
    struct statement_words w = words_of("select name, tier from customer where account = ? and c.tier <> ?");
    cr_assert_str_eq(w.table, "customer");
    cr_assert_eq(w.count, 2);
    cr_assert_str_eq(w.columns[0], "account");
    cr_assert_str_eq(w.columns[1], "tier");
}

Test(sim_statement, quotes_operators_and_lists, .timeout = 10)
{
    struct statement_words w =
        words_of("update \"order\" set state = ? where note like ? and text = 'is it = ?' and id in (?, ?)");
    cr_assert_str_eq(w.table, "order");
    cr_assert_eq(w.count, 4);
    cr_assert_str_eq(w.columns[0], "state");
    cr_assert_str_eq(w.columns[1], "note");
    cr_assert_str_eq(w.columns[2], "id");
    cr_assert_str_eq(w.columns[3], "", "nothing is known of it");
}

Test(sim_statement, the_one_column_that_is_selected, .timeout = 10)
{
    cr_assert_str_eq(words_of("select name from customer where a = ?").selected, "name");
    cr_assert_str_eq(words_of(" SELECT\n c.\"order\" FROM c").selected, "order");
    static const char *const none[] = {"select count(*) from c",
                                       "select a, b from c",
                                       "select a + 1 from c",
                                       "select * from c",
                                       "select 1",
                                       "select a",
                                       "selected a from c",
                                       "select"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_assert_str_eq(words_of(none[i]).selected, "", "%s", none[i]);
}

Test(sim_statement, no_text_does_harm, .timeout = 10)
{
    static const char *const texts[] = {"",   "?",    "'",      "\"",
                                        "'?", "from", "from ?", "????????????????????????????????????????"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct statement_words w = words_of(texts[i]);
        cr_assert_leq(w.count, STATEMENT_PARAMETERS);
    }
    char deep[5000];
    memset(deep, 'x', sizeof deep);
    struct statement_words w;
    statement_read(deep, sizeof deep, &w);
    cr_assert_eq(w.count, 0);
}
