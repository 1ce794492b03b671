/* tests/unit/compiler_sqltext.c - What is code, what is quoted or a remark, and so what kind of statement it is. */
#include <criterion/criterion.h>
#include <string.h>

#include "compiler/sql/sqltext.h"

/* `marks`: where $1, $2 ... of ours begin. */
static struct sqltext scan(const char *text, size_t mark_count, const size_t *marks)
{
    struct sqltext found;
    sqltext_scan(text, strlen(text), marks, mark_count, &found);
    return found;
}

static enum sqltext_kind kind(const char *text)
{
    return scan(text, 0, NULL).kind;
}

Test(compiler_sqltext, the_first_word_says_what_a_statement_does, .timeout = 10)
{
    cr_expect_eq(kind("select 1"), SQLTEXT_READS);
    cr_expect_eq(kind(" /* x /* y */ */ -- z\n (SELECT 1) union (select 2)"), SQLTEXT_READS);
    cr_expect_eq(kind("values (1)"), SQLTEXT_READS);
    cr_expect_eq(kind("Insert into t values (1)"), SQLTEXT_WRITES);
    cr_expect_eq(kind("with x as (delete from t returning *) select * from x"), SQLTEXT_WRITES);
    cr_expect_eq(kind("with x as (select 'delete' as \"insert\") select * from x -- update"), SQLTEXT_READS);
    cr_expect_eq(kind("select * from t for update"), SQLTEXT_READS);
    cr_expect_eq(kind("select * from t for no key update"), SQLTEXT_READS);
    cr_expect_eq(kind("drop table t"), SQLTEXT_OTHER);
    cr_expect_eq(kind("copy t to stdout"), SQLTEXT_OTHER);
    cr_expect_eq(kind(" -- nothing\n /* at all"), SQLTEXT_EMPTY);
    cr_expect_eq(kind(""), SQLTEXT_EMPTY);
}

Test(compiler_sqltext, what_follows_the_statement_is_found, .timeout = 10)
{
    static const char two[] = "select 1; select 2", one[] = "select ';' ; -- ;\n ; ", tail[] = "select $$ ; $$;";
    cr_expect_eq(scan(two, 0, NULL).second, 10);
    cr_expect_eq(scan(one, 0, NULL).second, strlen(one));
    cr_expect_eq(scan(tail, 0, NULL).second, strlen(tail));
}

Test(compiler_sqltext, a_mark_in_quotes_is_no_parameter, .timeout = 10)
{
    static const struct {
        const char *text;
        size_t quoted;
    } cases[] = {
        {"select $1, $2", 2},
        {"select '$1', $2", 0},
        {"select $1, \"$2\"", 1},
        {"select $1, e'\\'$2'", 1},
        {"select $1 -- $2", 1},
        {"select $1 /* /* */ $2 */", 1},
        {"select $1, $x$ $2 $x$", 1},
        {"select '''', $1, $2", 2},
        {"select 'it''s', $1, '', $2", 2},
        {"select a$b, $1, $2", 2},
        {"select '", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text, *one = strstr(text, "$1"), *two = strstr(text, "$2");
        size_t marks[2], count = 0;
        if (one) marks[count++] = (size_t)(one - text);
        if (two) marks[count++] = (size_t)(two - text);
        cr_expect_eq(scan(text, count, marks).quoted, cases[i].quoted, "%s", text);
        cr_expect_eq(scan(text, count, marks).foreign, strlen(text), "%s", text);
    }
}

Test(compiler_sqltext, a_mark_that_is_not_ours_is_found, .timeout = 10)
{
    size_t mark = 7;
    cr_expect_eq(scan("select $1 + $2", 1, &mark).foreign, 12);
    cr_expect_eq(scan("select $1 + '$2'", 1, &mark).foreign, strlen("select $1 + '$2'"));
}

Test(compiler_sqltext, an_outer_join_is_one_only_as_words, .timeout = 10)
{
    cr_expect(scan("select 1 from a left join b on true", 0, NULL).outer_join);
    cr_expect(scan("select 1 from a FULL OUTER JOIN b on true", 0, NULL).outer_join);
    cr_expect_not(scan("select left('x', 1) from a join b on true", 0, NULL).outer_join);
    cr_expect_not(scan("select 'left join' from a -- left join\n cross join b", 0, NULL).outer_join);
}
