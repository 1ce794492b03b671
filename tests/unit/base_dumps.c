/* tests/unit/base_dumps.c - A process that forbids dumps has none, unless its developer allows them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/dumps.h"

TestSuite(base_dumps, .timeout = 10);

Test(base_dumps, a_process_that_forbids_them_is_not_dumped_and_starts_none_that_is)
{
    struct rlimit core;
    unsetenv(DUMPS_ALLOWED);
    if (!dumps_forbid()) cr_skip_test("a build with a sanitizer");
    cr_assert_eq(prctl(PR_GET_DUMPABLE), 0);
    cr_assert_eq(getrlimit(RLIMIT_CORE, &core), 0);
    cr_assert_eq(core.rlim_max, 0u);
}

Test(base_dumps, a_developer_may_allow_them)
{
    setenv(DUMPS_ALLOWED, "1", 1);
    cr_assert_not(dumps_forbid());
    cr_assert_eq(prctl(PR_GET_DUMPABLE), 1);
}
