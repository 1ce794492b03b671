/* runtime/daemon/directory/import_groups.c - Groups by expression: an agent who satisfies the expression is a
 * member, judged by the skills and groups of the same directory.
 *
 *     any   = all { "or" all }
 *     all   = one { "and" one }
 *     one   = "not" one | "(" any ")" | NAME [ (">=" | ">" | "<=" | "<" | "==" | "!=") NUMBER ]
 *     NAME  = a word, or any text in quotes: a skill with a comparison or without (1 or more), or a group
 *
 * The expression becomes a condition of SQL over the rows that were read. */
#include "runtime/daemon/directory/import_state.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/value.h"

enum { DEPTH_MAX = 32, WORD_MAX = 64, LEVEL_MAX = 100 };

struct parsing {
    sqlite3 *db;
    const char *at;
    sqlite3_str *sql;
    char *what; /* text of what is wrong, of MEMBERS_WHAT_MAX bytes */
    int depth;
};

static bool groups_wrong(struct parsing *parsing, const char *what, const char *name)
{
    snprintf(parsing->what, MEMBERS_WHAT_MAX, "column members: %s%s%.64s", what, name ? " " : "", name ? name : "");
    return false;
}

static void blanks_skip(struct parsing *parsing)
{
    parsing->at += strspn(parsing->at, " \t\r\n");
}

static bool groups_is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

/* Reads the next word, in quotes or not; false if there is no word. `quoted` may be NULL. */
static bool groups_word_read(struct parsing *parsing, char word[WORD_MAX + 1], bool *quoted)
{
    blanks_skip(parsing);
    const char *begin = parsing->at, *end;
    bool quotes = *begin == '"';
    if (quotes) {
        end = strchr(++begin, '"');
    } else {
        end = begin;
        while (groups_is_name_byte(*end)) end++;
    }
    if (!end || end == begin || end - begin > WORD_MAX) return false;
    memcpy(word, begin, (size_t)(end - begin));
    word[end - begin] = '\0';
    parsing->at = end + quotes;
    if (quoted) *quoted = quotes;
    return true;
}

/* A word in quotes is a name, even if it reads "and". */
static bool groups_word_is(struct parsing *parsing, const char *wanted)
{
    const char *before = parsing->at;
    char word[WORD_MAX + 1];
    bool quoted;
    if (groups_word_read(parsing, word, &quoted) && !quoted && strcmp(word, wanted) == 0) return true;
    parsing->at = before;
    return false;
}

static bool row_there(sqlite3 *db, const char *table, const char *condition, const char *name)
{
    return import_table_there(db, table) &&
           lite_has(db, NULL, "select 1 from \"%w\" where name = %Q%s", table, name, condition);
}

static bool group_put(struct parsing *parsing, const char *name)
{
    if (row_there(parsing->db, "group", " and members is not null", name))
        return groups_wrong(parsing, "a group by expression cannot be part of another:", name);
    if (import_table_there(parsing->db, "group_member"))
        sqlite3_str_appendf(parsing->sql, "(name in (select agent from group_member where \"group\" = %Q))", name);
    else
        sqlite3_str_appendall(parsing->sql, "0");
    return true;
}

/* Writes the condition for a skill; an agent without a row of the skill has level 0. So "skill < 3" is true for all
 * agents without a row: for such a comparison the condition selects the agents who have no row that contradicts it. */
static void skill_put(struct parsing *parsing, const char *name, const char *compare, int level)
{
    int order = 0 - level;
    bool without = strcmp(compare, ">=") == 0   ? order >= 0
                   : strcmp(compare, ">") == 0  ? order > 0
                   : strcmp(compare, "<=") == 0 ? order <= 0
                   : strcmp(compare, "<") == 0  ? order < 0
                   : strcmp(compare, "==") == 0 ? order == 0
                                                : order != 0;
    if (import_table_there(parsing->db, "agent_skill"))
        sqlite3_str_appendf(parsing->sql,
                            "(name %sin (select agent from agent_skill where skill = %Q and %s(level %s %d)))",
                            without ? "not " : "", name, without ? "not " : "", compare, level);
    else
        sqlite3_str_appendall(parsing->sql, without ? "1" : "0");
}

static bool groups_name_put(struct parsing *parsing)
{
    static const char *const compares[] = {">=", "<=", "==", "!=", ">", "<"};
    char name[WORD_MAX + 1];
    if (!groups_word_read(parsing, name, NULL))
        return groups_wrong(parsing,
                            *parsing->at ? "expected a skill or a group before" : "expected a skill or a group",
                            *parsing->at ? parsing->at : NULL);
    blanks_skip(parsing);
    for (size_t i = 0; i < sizeof compares / sizeof *compares; i++) {
        if (strncmp(parsing->at, compares[i], strlen(compares[i])) != 0) continue;
        char *end;
        parsing->at += strlen(compares[i]);
        blanks_skip(parsing);
        long level = strtol(parsing->at, &end, 10);
        if (!isdigit((unsigned char)*parsing->at) || level > LEVEL_MAX || groups_is_name_byte(*end))
            return groups_wrong(parsing, "expected a level from 0 to 100 behind", name);
        parsing->at = end;
        if (!row_there(parsing->db, "skill", "", name))
            return groups_wrong(parsing, "names a skill that is not in table skill:", name);
        skill_put(parsing, name, compares[i], (int)level);
        return true;
    }
    if (row_there(parsing->db, "group", "", name)) return group_put(parsing, name);
    if (!row_there(parsing->db, "skill", "", name))
        return groups_wrong(parsing, "names what is neither in table skill nor in table group:", name);
    skill_put(parsing, name, ">=", 1);
    return true;
}

static bool any_put(struct parsing *);

/* Counts how deep the expression is nested, which limits the recursion. */
static bool one_put(struct parsing *parsing)
{
    if (++parsing->depth > DEPTH_MAX) return groups_wrong(parsing, "the expression is nested too deeply", NULL);
    bool good;
    if (groups_word_is(parsing, "not")) {
        sqlite3_str_appendall(parsing->sql, "(not ");
        good = one_put(parsing);
        sqlite3_str_appendchar(parsing->sql, 1, ')');
    } else {
        blanks_skip(parsing);
        if (*parsing->at != '(') {
            good = groups_name_put(parsing);
        } else {
            parsing->at++;
            sqlite3_str_appendchar(parsing->sql, 1, '(');
            good = any_put(parsing);
            sqlite3_str_appendchar(parsing->sql, 1, ')');
            blanks_skip(parsing);
            if (good && *parsing->at != ')') good = groups_wrong(parsing, "a parenthesis is not closed", NULL);
            parsing->at += good;
        }
    }
    parsing->depth--;
    return good;
}

static bool all_put(struct parsing *parsing)
{
    bool good = one_put(parsing);
    while (good && groups_word_is(parsing, "and")) {
        sqlite3_str_appendall(parsing->sql, " and ");
        good = one_put(parsing);
    }
    return good;
}

static bool any_put(struct parsing *parsing)
{
    bool good = all_put(parsing);
    while (good && groups_word_is(parsing, "or")) {
        sqlite3_str_appendall(parsing->sql, " or ");
        good = all_put(parsing);
    }
    return good;
}

/* Agents who are in the group by a row of their own are left out, as they are already members. */
sqlite3_stmt *import_members_select(sqlite3 *db, const char *group, const char *members, char what[MEMBERS_WHAT_MAX])
{
    assert(db && group && members && what);
    struct parsing parsing = {.db = db, .at = members, .sql = sqlite3_str_new(db), .what = what};
    sqlite3_stmt *statement = NULL;
    sqlite3_str_appendall(parsing.sql, "select name from agent where (");
    bool good = any_put(&parsing);
    blanks_skip(&parsing);
    if (good && *parsing.at != '\0') good = groups_wrong(&parsing, "expected `and` or `or` before", parsing.at);
    sqlite3_str_appendchar(parsing.sql, 1, ')');
    if (import_table_there(db, "group_member"))
        sqlite3_str_appendf(parsing.sql, " and name not in (select agent from group_member where \"group\" = %Q)",
                            group);
    sqlite3_str_appendall(parsing.sql, " order by name collate binary");
    char *text = sqlite3_str_finish(parsing.sql);
    if (good && !import_table_there(db, "agent")) good = groups_wrong(&parsing, "there is no table agent", NULL);
    if (good && !(statement = lite_ask(db, "%s", text))) groups_wrong(&parsing, sql_why(db), NULL);
    sqlite3_free(text);
    return statement;
}
