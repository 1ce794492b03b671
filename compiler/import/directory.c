/* compiler/import/directory.c - The directory that the imported files imply: members of queues, telephones, and the
 * strategy of each number. The directory is SQL, as gcxvm reads it.
 *
 * Rows stay in the order of the source, and each is written once: `by round_robin` takes agents in the order of these
 * rows. */
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"

static const char *const directory_tables[] = {
    "create table agent (name text primary key, display text not null default '');",
    "create table agent_skill (agent text, skill text, level integer, primary key (agent, skill));",
    "create table \"group\" (name text primary key, members text);",
    "create table group_member (\"group\" text, agent text, primary key (\"group\", agent));",
    "create table dn (number text primary key, type text not null default 'extension');",
    "create table skill (name text primary key);",
    ("create table routing_point (dn text primary key, strategy text not null, defaults text not null default '',\n"
     "    answer_timeout_s integer not null default 10, router_grace_s integer not null default 60);"),
};

/* Returns the text as SQL quotes it: control characters are left out. */
static const char *directory_quoted(struct importer *import, const char *text)
{
    char *quoted = ARENA_ARRAY(import->arena, char, 2 * strlen(text) + 3), *to = quoted;
    *to++ = '\'';
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 127) continue;
        if (*text == '\'') *to++ = '\'';
        *to++ = *text;
    }
    *to = '\'';
    return quoted;
}

static void directory_row(struct importer *import, const char *key, const char *statement)
{
    static char there[] = "";
    if (!flow_names_add(import->arena, &import->row_keys, key, there)) return;
    struct directory_row *row = ARENA_NEW(import->arena, struct directory_row);
    row->statement = statement;
    *import->rows_end = row;
    import->rows_end = &row->next;
}

void import_directory_agent(struct importer *import, const char *agent, const char *display)
{
    directory_row(import, arena_printf(import->arena, "agent %s", agent),
                  arena_printf(import->arena, "insert into agent (name, display) values (%s, %s);",
                               directory_quoted(import, agent), directory_quoted(import, display)));
}

void import_directory_dn(struct importer *import, const char *number, const char *type)
{
    directory_row(import, arena_printf(import->arena, "dn %s", number),
                  arena_printf(import->arena, "insert into dn (number, type) values (%s, '%s');",
                               directory_quoted(import, number), type));
}

void import_directory_member(struct importer *import, const char *group, const char *agent)
{
    const char *name = directory_quoted(import, group);
    directory_row(import, arena_printf(import->arena, "group %s", group),
                  arena_printf(import->arena, "insert into \"group\" (name) values (%s);", name));
    directory_row(import, arena_printf(import->arena, "member %s\n%s", group, agent),
                  arena_printf(import->arena, "insert into group_member (\"group\", agent) values (%s, %s);", name,
                               directory_quoted(import, agent)));
}

void import_directory_group(struct importer *import, const char *group, const char *members)
{
    directory_row(import, arena_printf(import->arena, "group %s", group),
                  arena_printf(import->arena, "insert into \"group\" (name, members) values (%s, %s);",
                               directory_quoted(import, group), members ? directory_quoted(import, members) : "null"));
}

void import_directory_skill(struct importer *import, const char *agent, const char *skill, unsigned level)
{
    const char *name = directory_quoted(import, skill);
    directory_row(import, arena_printf(import->arena, "skill %s", skill),
                  arena_printf(import->arena, "insert into skill (name) values (%s);", name));
    directory_row(import, arena_printf(import->arena, "level %s\n%s", agent, skill),
                  arena_printf(import->arena, "insert into agent_skill (agent, skill, level) values (%s, %s, %u);",
                               directory_quoted(import, agent), name, level));
}

void import_directory_entry(struct importer *import, const char *number, const char *strategy)
{
    import_directory_dn(import, number, "routing_point");
    directory_row(import, arena_printf(import->arena, "entry %s", number),
                  arena_printf(import->arena, "insert into routing_point (dn, strategy) values (%s, %s);",
                               directory_quoted(import, number), directory_quoted(import, strategy)));
}

void import_write_directory(struct importer *import)
{
    char *text = NULL;
    size_t length;
    if (!import->rows) return;
    FILE *out = open_memstream(&text, &length);
    if (!out) abort();
    fputs("-- What the imported files say of who works here and which numbers there are.\n", out);
    for (size_t i = 0; i < sizeof directory_tables / sizeof *directory_tables; i++)
        fprintf(out, "%s\n", directory_tables[i]);
    for (const struct directory_row *row = import->rows; row; row = row->next) fprintf(out, "%s\n", row->statement);
    if (fclose(out) != 0) abort();
    import_file_add(import, "directory.sql", text);
}
