/* compiler/import/site.c - The site that the imported flows need: their names, endpoints and parameters. */
#include <stdlib.h>
#include <string.h>

#include "compiler/import/writer.h"
#include "compiler/syntax/library.h"
#include "runtime/vocabulary/memory.h"

static const char *site_type(const struct variable *variable)
{
    static const char *const types[] = {
        [SAID_UNKNOWN] = "str", [SAID_STR] = "str",   [SAID_INT] = "int", [SAID_FLOAT] = "float",
        [SAID_BOOL] = "bool",   [SAID_VALUE] = "str", [SAID_MAP] = "str"};
    return types[variable->type];
}

/* A number as gcx writes it, with a point where it has a fraction; "": it is none, or longer than a number can be. */
static const char *initial_number(struct import *import, const struct script *value)
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

enum said_type site_initial_type(struct import *import, const char *initial)
{
    const struct script *value = script_expression(import->arena, initial);
    const char *number = initial_number(import, value);
    if (value->kind == SCRIPT_TEXT) return SAID_STR;
    if (*number) return strchr(number, '.') ? SAID_FLOAT : SAID_INT;
    bool truth = value->kind == SCRIPT_NAME && (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0);
    return truth ? SAID_BOOL : SAID_UNKNOWN;
}

/* The value that the project gives it, as its type; NULL: none of that type. */
static const char *site_initial(struct import *import, const struct variable *variable)
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

/* A length of time begins as a minute. */
static void site_parameter(struct import *import, const struct variable *variable, FILE *out)
{
    const char *initial = site_initial(import, variable);
    doc_line(out, variable->doc ? variable->doc : variable->name);
    if (!initial && variable->initial && *variable->initial)
        doc_line(out, arena_printf(import->arena, "It began as %s.", variable->initial));
    if (!initial)
        initial = variable->type == SAID_INT && variable->seconds              ? "60"
                  : variable->type == SAID_VALUE || variable->type == SAID_MAP ? "\"\""
                                                                               : said_default(variable->type);
    fprintf(out, "parameter %s: %s = %s edit supervisor;\n", variable->ident, site_type(variable), initial);
}

static const char *const site_kinds[] = {"skill", "group", "place", "vq", "queue", "template", "prompt"};

/* Names of a kind that nothing is said about stand in one line. */
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
        doc_line(out, name->doc);
        fprintf(out, "%s %s;\n", kind, name->name);
    }
}

/* Functions that mean what ECMAScript means, where gcx has no step or method that does. A flow of the source is called
 * as it is there, and no parameter may be called like a strategy: theirs have two words. */
static const char site_likeness[] =
    "import text;\n\n"
    "/// Does the source take it for true? Empty texts, 0, false and nothing are not.\n"
    "function is_true(any_value: value?): bool {\n"
    "let said_text = any_value.str;\n"
    "if said_text != none { return said_text != \"\"; }\n"
    "return any_value != none and (any_value.bool else true) and (any_value.int else 1) != 0 and (any_value.float else "
    "1.0) != 0.0;\n"
    "}\n\n"
    "/// Does it equal an empty text there?\n"
    "function is_empty(any_value: value?): bool {\n"
    "if any_value == none { return false; }\n"
    "return any_value.str == \"\" or any_value.bool == false or any_value.int == 0 or any_value.float == 0.0;\n"
    "}\n\n"
    "/// The number that a text is, with a point or without; none, which is NaN there, for any other text.\n"
    "function number_of(said_text: str?): float? {\n"
    "if said_text == none { return none; }\n"
    "let bare_text = text_trim(said_text);\n"
    "if bare_text == \"\" { return 0.0; }\n"
    "let below_zero = bare_text.starts(\"-\");\n"
    "if below_zero or bare_text.starts(\"+\") { bare_text = bare_text.slice(1); }\n"
    "let after_point = text_after(bare_text, \".\");\n"
    "let before_point = text_before(bare_text, \".\");\n"
    "let all_digits = \"{before_point}{after_point}\";\n"
    "if all_digits.count > 15 or not text_is_digits(all_digits) { return none; }\n"
    "let found_number = 1.0 * (int.parse(all_digits) else 0);\n"
    "let divided_by = 1.0;\n"
    "repeat after_point.count { divided_by = divided_by * 10.0; }\n"
    "if below_zero { return 0.0 - found_number / divided_by; }\n"
    "return found_number / divided_by;\n"
    "}\n\n"
    "/// parseInt(): the digits with which a text begins; none, which is NaN there, where it begins with none.\n"
    "function integer_of(said_text: str?): int? {\n"
    "if said_text == none { return none; }\n"
    "let bare_text = text_trim(said_text);\n"
    "let below_zero = bare_text.starts(\"-\");\n"
    "if below_zero or bare_text.starts(\"+\") { bare_text = bare_text.slice(1); }\n"
    "let digit_count = 0;\n"
    "repeat bare_text.count { if text_is_digits(bare_text.slice(digit_count, digit_count + 1)) { digit_count += 1; } "
    "}\n"
    "let found_number = int.parse(bare_text.slice(0, digit_count));\n"
    "if found_number == none { return none; }\n"
    "if below_zero { return -found_number; }\n"
    "return found_number;\n"
    "}\n\n"
    "function as_float(any_number: int?): float? {\n"
    "if any_number == none { return none; }\n"
    "return 1.0 * any_number;\n"
    "}\n\n"
    "/// Are they the same number? NaN is none.\n"
    "function is_number(one_number: float?, other_number: float?): bool {\n"
    "if one_number == none { return false; }\n"
    "if other_number == none { return false; }\n"
    "return one_number == other_number;\n"
    "}\n\n"
    "function is_less(one_number: float?, other_number: float?): bool {\n"
    "if one_number == none { return false; }\n"
    "if other_number == none { return false; }\n"
    "return one_number < other_number;\n"
    "}\n\n"
    "function is_at_most(one_number: float?, other_number: float?): bool {\n"
    "if one_number == none { return false; }\n"
    "if other_number == none { return false; }\n"
    "return one_number <= other_number;\n"
    "}\n\n"
    "/// Math.floor() of a division by a number above 0.\n"
    "function whole_below(whole_number: int, divided_by: int): int {\n"
    "if whole_number mod divided_by < 0 { return whole_number / divided_by - 1; }\n"
    "return whole_number / divided_by;\n"
    "}\n\n"
    "/// slice(): a negative number counts from the end.\n"
    "function text_part(whole_text: str, from_place: int, to_place: int): str {\n"
    "let first_place = max(index_from(whole_text, from_place), 0);\n"
    "let last_place = index_from(whole_text, to_place);\n"
    "if first_place >= last_place { return \"\"; }\n"
    "return whole_text.slice(first_place, last_place);\n"
    "}\n\n"
    "function index_from(whole_text: str, found_place: int): int {\n"
    "if found_place < 0 { return found_place + whole_text.count; }\n"
    "return found_place;\n"
    "}\n\n"
    "/// substring(): a negative number is 0, and the smaller one stands first.\n"
    "function text_between(whole_text: str, from_place: int, to_place: int): str {\n"
    "return whole_text.slice(max(min(from_place, to_place), 0), max(max(from_place, to_place), 0));\n"
    "}\n\n"
    "/// substr(): so many characters.\n"
    "function text_from(whole_text: str, from_place: int, most_letters: int): str {\n"
    "let first_place = max(index_from(whole_text, from_place), 0);\n"
    "return whole_text.slice(first_place, first_place + max(most_letters, 0));\n"
    "}\n\n"
    "/// replace(): the first one alone.\n"
    "function replace_first(whole_text: str, sought_part: str, instead_text: str): str {\n"
    "let found_place = text_find(whole_text, sought_part);\n"
    "if found_place == none { return whole_text; }\n"
    "return \"{whole_text.slice(0, found_place)}{instead_text}{whole_text.slice(found_place + sought_part.count)}\";\n"
    "}\n";

void site_modules(struct import *import)
{
    flow_names_add(import->arena, &import->names, "ecmascript", import);
    names_of_module(import, site_likeness);
    for (size_t i = 0; library_module(i); i++) {
        size_t length;
        names_of_module(import, library_text(library_module(i), &length));
    }
}

void write_site(struct import *import)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out) abort();
    fputs("/// What the imported strategies name. The zone is that of the machine's clocks: write the site's own.\n"
          "site {\ndefault zone \"UTC\";\ndefault timeout 10m;\n\n",
          out);
    for (size_t i = 0; i < sizeof site_kinds / sizeof *site_kinds; i++) site_kind(out, import->site, site_kinds[i]);
    for (const struct site_name *name = import->site; name; name = name->next)
        if (strcmp(name->kind, "endpoint") == 0) fprintf(out, "%s\n", name->name);
    fputc('\n', out);
    for (const struct variable *variable = import->project_first; variable; variable = variable->next)
        if (variable->needed) site_parameter(import, variable, out);
    fputs("}\n", out);
    if (fclose(out) != 0) abort();
    import_file_add(import, "site.gcx", text);
    if (import->likeness) import_file_add(import, "ecmascript.gcx", memory_text(site_likeness));
}
