/* compiler/import/site.c - The site that the imported flows need: their names, endpoints and parameters.
 *
 *     /// What the imported strategies name. ...
 *     site {
 *     skill English, Sales;                              names that nothing is said about, in one line per kind
 *     /// welcome.wav                                    the others with their documentation
 *     prompt Welcome;
 *     endpoint ask_crm(id: str): value = get "/ask_crm?id={id}" timeout 5s;
 *     parameter limit: int = 5 edit supervisor;          variables of the project
 *     }
 *
 * A condition that could not be translated becomes a parameter of type `bool?`, which is none until the site sets it.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"
#include "compiler/syntax/library.h"
#include "base/memory.h"

static const char *site_type(const struct import_variable *variable)
{
    static const char *const types[] = {
        [SAID_UNKNOWN] = "str", [SAID_STR] = "str",   [SAID_INT] = "int", [SAID_FLOAT] = "float",
        [SAID_BOOL] = "bool",   [SAID_VALUE] = "str", [SAID_MAP] = "str"};
    return types[variable->type];
}

/* Returns a number as gcx writes it, with a point where it has a fraction; "": the text is no number, or longer than
 * a number can be. */
static const char *initial_number(struct importer *import, const struct script *value)
{
    bool minus = value->kind == SCRIPT_UNARY && *value->text == '-';
    const char *text = minus ? value->left->text : value->text, *rest;
    if (minus ? value->left->kind != SCRIPT_NUMBER : value->kind != SCRIPT_NUMBER && value->kind != SCRIPT_TEXT)
        return "";
    size_t whole = strspn(text, "0123456789"), fraction = 0;
    rest = text + whole;
    if (*rest == '.') rest += 1 + (fraction = strspn(rest + 1, "0123456789"));
    bool good = whole > 0 && whole + fraction < 16 && !*rest && (fraction > 0 || rest[-1] != '.');
    return good ? arena_printf(import->arena, "%s%s", minus ? "-" : "", text) : "";
}

enum said_type site_initial_type(struct importer *import, const char *initial)
{
    const struct script *value = script_expression(import->arena, initial);
    const char *number = initial_number(import, value);
    if (value->kind == SCRIPT_TEXT) return SAID_STR;
    if (*number) return strchr(number, '.') ? SAID_FLOAT : SAID_INT;
    bool truth = value->kind == SCRIPT_NAME && (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0);
    return truth ? SAID_BOOL : SAID_UNKNOWN;
}

/* Returns the value that the project gives to a variable, as its type; NULL: it has none of that type. */
static const char *site_initial(struct importer *import, const struct import_variable *variable)
{
    if (!variable->initial) return NULL;
    const struct script *value = script_expression(import->arena, variable->initial);
    const char *number = initial_number(import, value);
    bool text = value->kind == SCRIPT_TEXT || value->kind == SCRIPT_NUMBER;
    switch (variable->type) {
    case SAID_INT:
        return *number && !strchr(number, '.') ? number : NULL;
    case SAID_FLOAT:
        return !*number ? NULL : strchr(number, '.') ? number : arena_printf(import->arena, "%s.0", number);
    case SAID_BOOL:
        return site_initial_type(import, variable->initial) == SAID_BOOL ? value->text : NULL;
    default:
        return text      ? name_quoted(import->arena, value->text, true)
               : *number ? name_quoted(import->arena, number, true)
                         : NULL;
    }
}

/* A parameter for a duration begins as a minute. */
static void site_parameter(struct importer *import, const struct import_variable *variable, FILE *out)
{
    const char *initial = site_initial(import, variable);
    import_doc_line(out, variable->doc ? variable->doc : variable->name);
    if (variable->decides) {
        fprintf(out, "parameter %s: bool? = none edit supervisor;\n", variable->ident);
        return;
    }
    if (!initial && variable->initial && *variable->initial)
        import_doc_line(out, arena_printf(import->arena, "It began as %s.", variable->initial));
    if (!initial)
        initial = variable->type == SAID_INT && variable->seconds              ? "60"
                  : variable->type == SAID_VALUE || variable->type == SAID_MAP ? "\"\""
                                                                               : said_default(variable->type);
    fprintf(out, "parameter %s: %s = %s edit supervisor;\n", variable->ident, site_type(variable), initial);
}

const char *import_declare_decision(struct importer *import, const char *name, const char *doc)
{
    struct import_variable *decided = import_project_variable(import, arena_printf(import->arena, "_data.%s", name));
    decided->doc = doc, decided->decides = true, decided->needed = true, decided->type = SAID_BOOL;
    return decided->ident;
}

static const char *const site_kinds[] = {"skill", "group", "place", "vq", "queue", "template", "prompt"};

/* What is declared by a declaration of its own (import_declare_whole()). */
static const char *const site_wholes[] = {"schedule", "statistic", "endpoint"};

/* Names of one kind without documentation are declared in one line. */
static void site_kind(FILE *out, const struct site_name *names, const char *kind)
{
    const char *before = "";
    for (const struct site_name *name = names; name; name = name->next) {
        if (strcmp(name->kind, kind) != 0 || *name->doc) continue;
        fprintf(out, "%s %s", *before ? before : kind, name->name);
        before = ",";
    }
    if (*before) fputs(";\n", out);
    for (const struct site_name *name = names; name; name = name->next) {
        if (strcmp(name->kind, kind) != 0 || !*name->doc) continue;
        import_doc_line(out, name->doc);
        fprintf(out, "%s %s;\n", kind, name->name);
    }
}

/* The modules that the importer writes beside the strategies that need them: functions with ECMAScript's meaning,
 * where gcx has no step or method of that meaning. A flow keeps its name from the source, and no parameter may have
 * the name of a strategy: so the names in these modules have two words. */
static const struct {
    const char *name, *text;
} site_likeness[] = {
#define MODULE(name, text) {name, text},
#include "compiler/import/likeness_texts.def"
#undef MODULE
};
enum { SITE_LIKENESS = sizeof site_likeness / sizeof *site_likeness };

/* Reserves the names of all modules, and of the parameter of subroutines, before any flow is named: no flow gets the
 * name of one of them. */
void site_modules(struct importer *import)
{
    flow_names_add(import->arena, &import->names, "given", import);
    for (size_t i = 0; i < SITE_LIKENESS; i++) {
        flow_names_add(import->arena, &import->names, site_likeness[i].name, import);
        names_of_module(import, site_likeness[i].text);
    }
    for (size_t i = 0; library_module(i); i++) {
        size_t length;
        names_of_module(import, library_text(library_module(i), &length));
    }
}

/* Writes the modules that some flow needs, each as a file in the site's folder. */
void import_write_site(struct importer *import)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out) abort();
    fputs("/// What the imported strategies name. The zone is that of the machine's clocks: write the site's own.\n"
          "site {\ndefault zone \"UTC\";\ndefault timeout 10m;\n\n",
          out);
    for (size_t i = 0; i < sizeof site_kinds / sizeof *site_kinds; i++) site_kind(out, import->site, site_kinds[i]);
    for (size_t i = 0; i < sizeof site_wholes / sizeof *site_wholes; i++)
        for (const struct site_name *name = import->site; name; name = name->next)
            if (strcmp(name->kind, site_wholes[i]) == 0) fprintf(out, "%s\n", name->name);
    fputc('\n', out);
    for (const struct import_variable *variable = import->project_first; variable; variable = variable->next)
        if (variable->needed) site_parameter(import, variable, out);
    fputs("}\n", out);
    if (fclose(out) != 0) abort();
    import_file_add(import, "site.gcx", text);
    for (size_t i = 0; i < SITE_LIKENESS; i++)
        if (flow_names_find(&import->modules, site_likeness[i].name))
            import_file_add(import, arena_printf(import->arena, "%s.gcx", site_likeness[i].name),
                            memory_text(site_likeness[i].text));
}
