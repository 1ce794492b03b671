/* man/tables/twin.c - The tables of gcxtwin: the options of its doors, and exits. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdio.h>

void shadow_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/twin/shadow_options.def"
#undef OPTION
    puts(".El");
}

void what_if_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/twin/what_if_options.def"
#undef OPTION
    puts(".El");
}

void soon_options(void)
{
    puts(".Bl -tag -width Ds");
#define OPTION(id, name, kind, field, word, doc) option_line(name, word, doc);
#include "runtime/twin/soon_options.def"
#undef OPTION
    puts(".El");
}

void twin_exits(void)
{
#define EXIT(name, number, doc) row(#number, "", doc ".");
#include "runtime/twin/exits.def"
#undef EXIT
}
