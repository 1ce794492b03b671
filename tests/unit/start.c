/* tests/unit/start.c - Criterion, when it begins, makes libgit2 ready for asserts that tell two texts' differences;
 * ours are of the older kind. libgit2 then reads every certificate that the machine trusts, in each test's own process,
 * which took half of its time. The program's functions come before a library's: these do nothing. */
int git_libgit2_init(void);
int git_libgit2_shutdown(void);

int git_libgit2_init(void)
{
    return 1;
}

int git_libgit2_shutdown(void)
{
    return 0;
}
