/* compiler/lint/own.h - The rules that a site declares itself: `rule NAME for KIND` with a block of conditions and
 * texts.
 *
 *     own_read.c    the site's text --> rules, with every mistake in them     own_kind.c   what a rule looks at
 *     own_value.c   the condition of a rule, for one node                     own_rule.c   all rules, over all nodes
 *
 * A condition is an expression of the language about one node of the tree. A condition has no loops: the work of a rule
 * grows with the nodes that it looks at. The judge gives rules their levels as it does for all others. */
#pragma once

#include "compiler/lint/lint.h"

enum {
    OWN_RULES_MAX = 200, /* rules of a site */
    OWN_PARTS_MAX = 200, /* operators, names and values in one rule */
    OWN_ASKED_MAX = 63   /* different words in has(), inside() and follows() of all rules */
};

struct own_rule {
    struct diag_own told;
    const struct node *node; /* the SITE_RULE */
    bool runs;               /* the judge sets it: the rule may find something in some file */
    const struct own_watch *watches;
    const struct own_expr *where;
    const struct own_expr *say, *hint; /* hint: perhaps NULL */
};

struct own_rules {
    struct own_rule *of;
    size_t count;
    const struct own_kind *asked; /* what has(), inside() and follows() ask for: a bit of a mask each */
    size_t asked_count;
};

/* Reads the rules of the program's site, and reports what is wrong in them; a wrong one is left out. */
const struct own_rules *own_rules_read(struct program *);

/* Returns the rule of that name, where - and _ are the same, or NULL. */
const struct own_rule *own_rule_named(const struct own_rules *, const char *name, size_t length);
/* Returns the name of the site's rule that is most like this one, be the rule right or wrong; or NULL. */
const char *own_rule_near(const struct program *, const char *name);
