/* compiler/sql/postgres.c - Statements for PostgreSQL: finds them in the file of `gcxc schema pull`, or collects
 * them. */
#include <string.h>

#include "compiler/sql/schema.h"
#include "compiler/sql/sqltext.h"

struct sql_wanted {
    struct sql_wanted *next;
    const struct node *sql;
    struct assembly assembly;
    struct sqltext scanned;
};

void sql_postgres_load(struct sql_schema *schema, struct diags *diags, const struct source *source)
{
    schema->pulled = pulled_read(schema->arena, diags, source);
}

/* Reports the faults of a statement that can be found without the server. */
static bool postgres_check_text(struct diags *diags, const struct node *sql, const struct assembly *assembly,
                                const struct sqltext *scanned, struct arena *arena)
{
    size_t index = 0, number = 0;
    if (scanned->quoted < assembly->parameters) {
        EACH_NODE (part, sql->sql.parts) /* pieces of text and values take turns */
            if (index++ % 2 == 1 && number++ == scanned->quoted)
                diag_hint(diag_report(diags, SQL_QUOTED, part->span), "leave the quotes away: values are bound");
    } else if (scanned->kind == SQLTEXT_EMPTY) {
        diag_report(diags, SQL_EMPTY, sql->span);
    } else if (scanned->second < assembly->length) {
        diag_report(diags, SQL_SEVERAL, assembly_span(assembly, scanned->second));
    } else if (scanned->foreign < assembly->length) {
        const char *at = assembly->text + scanned->foreign;
        diag_report(diags, SQL_PARAMETER, assembly_span(assembly, scanned->foreign),
                    arena_printf(arena, "%.*s", (int)(1 + strspn(at + 1, "0123456789")), at));
    } else if (scanned->kind == SQLTEXT_OTHER) {
        diag_report(diags, SQL_FORBIDDEN, sql->span);
    } else {
        return true;
    }
    return false;
}

static void postgres_collect(struct sql_schema *schema, const struct node *sql, const struct assembly *assembly,
                             const struct sqltext *scanned)
{
    struct sql_wanted *wanted;
    for (wanted = schema->wanted; wanted; wanted = wanted->next)
        if (strcmp(wanted->assembly.text, assembly->text) == 0) return;
    wanted = ARENA_NEW(schema->arena, struct sql_wanted);
    wanted->sql = sql;
    wanted->assembly = *assembly;
    wanted->scanned = *scanned;
    *schema->last = wanted;
    schema->last = &wanted->next;
}

bool sql_postgres_prepare(struct sql_schema *schema, struct diags *diags, const struct node *sql,
                          struct sql_statement *result)
{
    struct assembly assembly = sql_assemble(schema->arena, sql, source_set_at(schema->sources, sql->span.begin), '$');
    const struct pulled_statement *known;
    struct sqltext scanned;
    *result = (struct sql_statement){.text = {assembly.text, assembly.length}, .parameters = assembly.parameters};
    sqltext_scan(assembly.text, assembly.length, assembly.marks, assembly.parameters, &scanned);
    if (!postgres_check_text(diags, sql, &assembly, &scanned, schema->arena)) return false;
    if (schema->pull) postgres_collect(schema, sql, &assembly, &scanned);
    if (schema->pull || !schema->pulled) return false;
    known = pulled_find(schema->pulled, result->text);
    if (!known || known->parameter_count != assembly.parameters) {
        diag_hint(diag_report(diags, PULLED_MISSING, sql->span, schema->path), "run: gcxc schema pull --source %s",
                  schema->name);
        return false;
    }
    result->columns = known->columns;
    result->column_count = known->column_count;
    result->parameter_types = known->parameters;
    result->writes = scanned.kind == SQLTEXT_WRITES;
    return true;
}

const struct sql_wanted *sql_wanted_next(const struct sql_schema *schema, const struct sql_wanted *wanted)
{
    return wanted ? wanted->next : schema->wanted;
}

struct literal sql_wanted_text(const struct sql_wanted *wanted)
{
    return (struct literal){wanted->assembly.text, wanted->assembly.length};
}

bool sql_wanted_outer_join(const struct sql_wanted *wanted)
{
    return wanted->scanned.outer_join;
}

struct source_span sql_wanted_span(const struct sql_wanted *wanted, size_t offset)
{
    return offset < wanted->assembly.length ? assembly_span(&wanted->assembly, offset) : wanted->sql->span;
}
