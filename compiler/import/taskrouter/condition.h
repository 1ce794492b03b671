/* compiler/import/taskrouter/condition.h - Expressions of TaskRouter: about a task, about workers, or about both. */
#pragma once

#include <stdbool.h>

#include "compiler/import/writer.h"

enum condition_of { CONDITION_TASK, CONDITION_WORKER, CONDITION_COUNTS };

struct task_condition {
    bool good;
    const char *text;    /* of a task or of counts: a condition; of a worker: a part of a line */
    const char *members; /* of a worker: the same for the directory's groups; NULL: it depends on the task */
    const char *before;  /* statements before it, which bind the skills that the task names */
    const char *missing; /* a condition under which nobody matches, since there is no such skill; NULL: none */
    int always;          /* 1: it always holds, -1: never, 0: it depends */
    const char *remark;  /* what is not certain; "": nothing */
    const char *why;     /* why it is not translated */
};

/* `group`: of counts, the label of the group whose workers are counted. */
struct task_condition condition_read(struct importer *, struct flow_names *taken, const char *text, enum condition_of,
                                     const char *group);
