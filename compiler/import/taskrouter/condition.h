/* compiler/import/taskrouter/condition.h - Expressions of TaskRouter: about a task, about workers, or about both. */
#pragma once

#include <stdbool.h>

#include "compiler/import/writer.h"

enum condition_of { CONDITION_TASK, CONDITION_WORKER, CONDITION_COUNTS };

struct task_condition {
    bool good;
    const char *text; /* about a task or about counts: a condition; about a worker: a part of a line */
    /* about a worker: the members of a group of the directory, as an expression; NULL: it depends on the task */
    const char *members;
    const char *before;  /* statements that come before the condition: they look up the skills that the task names */
    const char *missing; /* a condition under which no worker matches, since the skill does not exist; NULL: none */
    int always;          /* 1: the condition is always true, -1: never, 0: it depends on the task or worker */
    const char *remark;  /* what is uncertain about the translation; "": nothing */
    const char *why;     /* the reason why it is not translated */
};

/* `group`: for counts, the label of the group whose workers are counted. */
struct task_condition condition_read(struct importer *, struct flow_names *taken, const char *text, enum condition_of,
                                     const char *group);
