/*
 * A PKCS#11 module around SoftHSM, for tests. It counts calls, injects faults, and gives SoftHSM its configuration.
 * Everything is found beside the shim's own file:
 *
 *   NAME.so            this module
 *   NAME.real.so       a copy of libsofthsm2.so: a copy per shim, because SoftHSM keeps login and sessions per loaded file
 *   NAME.conf          softhsm2.conf, handed over as SOFTHSM2_CONF before C_Initialize: a managed process cannot do that itself
 *   NAME.log           one line per call: "PID FUNCTION RESULT"; C_Sign stands there only when it has a buffer for the signature
 *   NAME.signs         one line per signature or MAC that was made: {"time":…,"operation":"sign","key":CKA_ID}, as an HSM's own log would have it; absent unless a test asks for it
 *   NAME.FUNCTION      a fault, see struct fault; absent most of the time
 *                      FUNCTION is C_Sign for signatures and C_Sign-mac for MACs, which are one function in PKCS#11 and two things here
 *   NAME.FUNCTION.held one byte per call that came while a "hold" was there
 *   NAME.lock          the token's lock, one file for all shims: see enter_token; absent where each process has one copy of SoftHSM on the token
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long ck;
typedef unsigned char byte;

enum {
    CKR_OK = 0x0,
    CKR_FUNCTION_FAILED = 0x6,
    CKM_SHA256_HMAC = 0x251,
    LONGEST_HOLD = 120000, /* ms */
    PATH_SIZE = PATH_MAX + 64 /* a path and the longest of the extensions above */
};

/* CK_FUNCTION_LIST of PKCS#11 2.40, in its order. */
struct functions {
    byte version[2];
    void *C_Initialize, *C_Finalize, *C_GetInfo, *C_GetFunctionList, *C_GetSlotList, *C_GetSlotInfo, *C_GetTokenInfo,
        *C_GetMechanismList, *C_GetMechanismInfo, *C_InitToken, *C_InitPIN, *C_SetPIN, *C_OpenSession, *C_CloseSession,
        *C_CloseAllSessions, *C_GetSessionInfo, *C_GetOperationState, *C_SetOperationState, *C_Login, *C_Logout,
        *C_CreateObject, *C_CopyObject, *C_DestroyObject, *C_GetObjectSize, *C_GetAttributeValue, *C_SetAttributeValue,
        *C_FindObjectsInit, *C_FindObjects, *C_FindObjectsFinal, *C_EncryptInit, *C_Encrypt, *C_EncryptUpdate,
        *C_EncryptFinal, *C_DecryptInit, *C_Decrypt, *C_DecryptUpdate, *C_DecryptFinal, *C_DigestInit, *C_Digest,
        *C_DigestUpdate, *C_DigestKey, *C_DigestFinal, *C_SignInit, *C_Sign, *C_SignUpdate, *C_SignFinal,
        *C_SignRecoverInit, *C_SignRecover, *C_VerifyInit, *C_Verify, *C_VerifyUpdate, *C_VerifyFinal,
        *C_VerifyRecoverInit, *C_VerifyRecover, *C_DigestEncryptUpdate, *C_DecryptDigestUpdate, *C_SignEncryptUpdate,
        *C_DecryptVerifyUpdate, *C_GenerateKey, *C_GenerateKeyPair, *C_WrapKey, *C_UnwrapKey, *C_DeriveKey,
        *C_SeedRandom, *C_GenerateRandom, *C_GetFunctionStatus, *C_CancelFunction, *C_WaitForSlotEvent;
};

/*
 * A fault file holds "once|always ACTION [NUMBER]", ACTION being one of
 *   fail CODE      answer CODE; SoftHSM is not asked
 *   flip           ask SoftHSM, then flip one bit of the output (C_Sign only)
 *   hang MS        first wait until the fault file is gone, or for MS milliseconds
 *   hold CALLS     the first so many calls wait until the fault file is gone, two minutes at most; later ones pass
 *   linger MS      ask SoftHSM, then wait like that before its answer is told (C_Login and what is passed on)
 *   delay MS       first wait for MS milliseconds, fault file or not: an HSM that is slow
 *   lose CODE      ask SoftHSM, and if it succeeds answer CODE: its answer was lost on the way (not C_Sign, which has no side effect to lose)
 *   close          first close the session, then ask SoftHSM
 *   logout         first log the application out, then ask SoftHSM
 */
struct fault {
    char action[16];
    ck number;
};

static char base[PATH_MAX];
static struct functions *real;
static struct functions shim;
static pthread_mutex_t token_mutex = PTHREAD_MUTEX_INITIALIZER;
static int token_lock = -1;
static int token_users;
static __thread char key_in_use[129]; /* likewise: its CKA_ID, hexadecimal */
static __thread ck mechanism_in_use; /* of the C_SignInit before a C_Sign: both come from one thread */

#define REAL(name) ((__typeof__(&name))real->name)

static void sibling(char *path, const char *extension)
{
    snprintf(path, PATH_SIZE, "%s.%s", base, extension);
}

static ck logged(const char *function, ck result)
{
    char path[PATH_SIZE], line[96];
    sibling(path, "log");
    int length = snprintf(line, sizeof line, "%d %s 0x%lx\n", (int)getpid(), function, result);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0) {
        if (write(file, line, (size_t)length) != length) {
            abort(); /* A count that misses a call would let a test pass. */
        }
        close(file);
    }
    return result;
}

struct attribute {
    ck type;
    void *value;
    ck length;
};

static void remember_key(ck session, ck key)
{
    byte id[64];
    struct attribute attribute = { 0x102 /* CKA_ID */, id, sizeof id };
    key_in_use[0] = '\0';
    if (((ck (*)(ck, ck, struct attribute *, ck))real->C_GetAttributeValue)(session, key, &attribute, 1) == CKR_OK) {
        for (ck i = 0; i < attribute.length && i < sizeof id; i++) {
            sprintf(key_in_use + 2 * i, "%02x", id[i]);
        }
    }
}

static void log_signature(void)
{
    char path[PATH_SIZE], date[32], line[256];
    sibling(path, "signs");
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    int length = snprintf(line, sizeof line, "{\"time\":\"%s.%03ldZ\",\"operation\":\"sign\",\"key\":\"%s\"}\n", date, now.tv_nsec / 1000000, key_in_use);
    if (write(file, line, (size_t)length) != length) {
        abort();
    }
    close(file);
}

/* "once" is taken by whoever unlinks the file: exactly one call, over all threads and processes. */
static int find_fault(const char *function, struct fault *fault)
{
    char path[PATH_SIZE], text[64] = "", when[8] = "";
    sibling(path, function);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    memset(fault, 0, sizeof *fault);
    if (length <= 0 || sscanf(text, "%7s %15s %li", when, fault->action, (long *)&fault->number) < 2) {
        abort(); /* A fault that nobody understands would be no fault. */
    }
    return strcmp(when, "always") == 0 || unlink(path) == 0;
}

static void delay(ck milliseconds)
{
    const struct timespec time = { (time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000 * 1000 };
    nanosleep(&time, NULL);
}

static void hang(const char *function, ck milliseconds)
{
    char path[PATH_SIZE];
    sibling(path, function);
    const struct timespec step = { 0, 5 * 1000 * 1000 };
    for (ck waited = 0; waited < milliseconds && access(path, F_OK) == 0; waited += 5) {
        nanosleep(&step, NULL);
    }
}

/* The number of this call among those that came since the hold began, over all threads and processes: how long the file was when this call's byte was added. */
static ck place_among_held(const char *function)
{
    char path[PATH_SIZE], name[64];
    snprintf(name, sizeof name, "%s.held", function);
    sibling(path, name);
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, ".", 1) != 1) {
        abort();
    }
    ck place = (ck)lseek(file, 0, SEEK_CUR);
    close(file);
    return place;
}

/* Faults that come before the call. True if the call is not to be made; then *result says what to answer. */
static int fault_before(const char *function, ck session, struct fault *fault, ck *result)
{
    if (!find_fault(function, fault)) {
        return 0;
    }
    if (strcmp(fault->action, "fail") == 0) {
        *result = fault->number;
        return 1;
    }
    if (strcmp(fault->action, "hang") == 0) {
        logged("hang", 0);
        hang(function, fault->number);
    } else if (strcmp(fault->action, "hold") == 0) {
        if (place_among_held(function) <= fault->number) {
            logged("hang", 0);
            hang(function, LONGEST_HOLD);
        }
    } else if (strcmp(fault->action, "delay") == 0) {
        delay(fault->number);
    } else if (strcmp(fault->action, "close") == 0) {
        logged("C_CloseSession", ((ck (*)(ck))real->C_CloseSession)(session));
    } else if (strcmp(fault->action, "logout") == 0) {
        ((ck (*)(ck))real->C_Logout)(session);
    }
    return 0;
}

static ck told(const char *function, const struct fault *fault, ck result)
{
    if (strcmp(fault->action, "linger") == 0) {
        logged("hang", 0);
        hang(function, fault->number);
    } else if (strcmp(fault->action, "lose") == 0 && result == CKR_OK) {
        result = fault->number;
    }
    return logged(function, result);
}

/*
 * SoftHSM's locks on the token's files exclude other processes, and not another copy of SoftHSM in the same process, which only tests have.
 * So while one copy is inside a function that reads or writes these files, the other copies wait. Threads of one copy do not:
 * what SoftHSM does to them is what a product meets, too.
 */
static void enter_token(void)
{
    pthread_mutex_lock(&token_mutex);
    if (token_users++ == 0) {
        flock(token_lock, LOCK_EX);
    }
    pthread_mutex_unlock(&token_mutex);
}

static ck leave_token(ck result)
{
    pthread_mutex_lock(&token_mutex);
    if (--token_users == 0) {
        flock(token_lock, LOCK_UN);
    }
    pthread_mutex_unlock(&token_mutex);
    return result;
}

static ck C_Initialize(void *arguments)
{
    char path[PATH_SIZE];
    sibling(path, "conf");

    /* The environment is the process's, and shims around different tokens may start in it at one time. */
    int turn = open("/tmp/sam-softhsm-initialize.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (turn < 0 || flock(turn, LOCK_EX) != 0) {
        abort();
    }
    setenv("SOFTHSM2_CONF", path, 1);
    enter_token();
    ck result = leave_token(REAL(C_Initialize)(arguments));
    close(turn);
    return logged("C_Initialize", result);
}

static ck C_GetSlotList(byte present, ck *slots, ck *count)
{
    enter_token();
    return leave_token(REAL(C_GetSlotList)(present, slots, count));
}

static ck C_GetTokenInfo(ck slot, void *info)
{
    struct fault fault;
    ck result;
    if (fault_before(__func__, 0, &fault, &result)) {
        return logged(__func__, result);
    }
    enter_token();
    return leave_token(REAL(C_GetTokenInfo)(slot, info));
}

static ck C_Login(ck session, ck user, byte *pin, ck length)
{
    struct fault fault = { "", 0 };
    ck result;
    if (fault_before(__func__, session, &fault, &result)) {
        return logged(__func__, result);
    }
    enter_token();
    return told(__func__, &fault, leave_token(REAL(C_Login)(session, user, pin, length)));
}

static ck C_SignInit(ck session, ck *mechanism, ck key)
{
    struct fault fault;
    ck result;
    if (fault_before(__func__, session, &fault, &result)) {
        return logged(__func__, result);
    }
    mechanism_in_use = *mechanism;
    enter_token();
    remember_key(session, key);
    return logged(__func__, leave_token(REAL(C_SignInit)(session, mechanism, key)));
}

static ck C_Sign(ck session, byte *data, ck length, byte *signature, ck *signature_length)
{
    const char *function = mechanism_in_use == CKM_SHA256_HMAC ? "C_Sign-mac" : "C_Sign";
    struct fault fault = { "", 0 };
    ck result;
    if (signature == NULL) {
        return REAL(C_Sign)(session, data, length, signature, signature_length);
    }
    if (!fault_before(function, session, &fault, &result)) {
        result = REAL(C_Sign)(session, data, length, signature, signature_length);
        if (result == CKR_OK && strcmp(fault.action, "flip") == 0) {
            signature[*signature_length / 2] ^= 0x10;
        }
        if (result == CKR_OK) {
            log_signature();
        }
    }
    return logged(function, result);
}

/* Everything else that starts with a session: log, fault, pass on. */
#define PASS(name, parameters, arguments)                                 \
    static ck name parameters                                             \
    {                                                                     \
        struct fault fault = { "", 0 };                                   \
        ck result;                                                        \
        if (fault_before(__func__, session, &fault, &result)) {           \
            return logged(__func__, result);                              \
        }                                                                 \
        enter_token();                                                    \
        return told(__func__, &fault, leave_token(REAL(name) arguments)); \
    }

PASS(C_CloseSession, (ck session), (session))
PASS(C_GetSessionInfo, (ck session, void *info), (session, info))
PASS(C_Logout, (ck session), (session))
PASS(C_CreateObject, (ck session, void *template, ck count, ck *object), (session, template, count, object))
PASS(C_DestroyObject, (ck session, ck object), (session, object))
PASS(C_GetAttributeValue, (ck session, ck object, void *template, ck count), (session, object, template, count))
PASS(C_FindObjectsInit, (ck session, void *template, ck count), (session, template, count))
PASS(C_GenerateKey, (ck session, void *mechanism, void *template, ck count, ck *key), (session, mechanism, template, count, key))
PASS(C_GenerateKeyPair,
     (ck session, void *mechanism, void *public, ck public_count, void *private, ck private_count, ck *public_key, ck *private_key),
     (session, mechanism, public, public_count, private, private_count, public_key, private_key))
PASS(C_WrapKey, (ck session, void *mechanism, ck wrapping, ck key, byte *wrapped, ck *length),
     (session, mechanism, wrapping, key, wrapped, length))
PASS(C_UnwrapKey, (ck session, void *mechanism, ck wrapping, byte *wrapped, ck length, void *template, ck count, ck *key),
     (session, mechanism, wrapping, wrapped, length, template, count, key))

static ck C_OpenSession(ck slot, ck flags, void *application, void *notify, ck *session)
{
    struct fault fault;
    ck result;
    if (fault_before(__func__, 0, &fault, &result)) {
        return logged(__func__, result);
    }
    enter_token();
    return logged(__func__, leave_token(REAL(C_OpenSession)(slot, flags, application, notify, session)));
}

__attribute__((constructor)) static void load(void)
{
    Dl_info self;
    char path[PATH_SIZE];
    if (dladdr((void *)load, &self) == 0) {
        return;
    }
    snprintf(base, sizeof base, "%s", self.dli_fname);
    char *extension = strrchr(base, '.');
    if (extension != NULL) {
        *extension = '\0';
    }

    sibling(path, "lock");
    token_lock = open(path, O_RDWR | O_CLOEXEC); /* -1 where there is none: flock refuses it, and nobody waits */
    sibling(path, "real.so");
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck (*get)(struct functions **) = library == NULL ? NULL : (ck (*)(struct functions **))dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK) {
        real = NULL;
        return;
    }

    shim = *real;
#define OVERRIDE(name) shim.name = (void *)name
    OVERRIDE(C_Initialize);
    OVERRIDE(C_GetSlotList);
    OVERRIDE(C_GetTokenInfo);
    OVERRIDE(C_OpenSession);
    OVERRIDE(C_CloseSession);
    OVERRIDE(C_GetSessionInfo);
    OVERRIDE(C_Login);
    OVERRIDE(C_Logout);
    OVERRIDE(C_CreateObject);
    OVERRIDE(C_DestroyObject);
    OVERRIDE(C_GetAttributeValue);
    OVERRIDE(C_FindObjectsInit);
    OVERRIDE(C_SignInit);
    OVERRIDE(C_Sign);
    OVERRIDE(C_GenerateKey);
    OVERRIDE(C_GenerateKeyPair);
    OVERRIDE(C_WrapKey);
    OVERRIDE(C_UnwrapKey);
}

__attribute__((visibility("default"))) ck C_GetFunctionList(struct functions **list)
{
    if (real == NULL || list == NULL) {
        return CKR_FUNCTION_FAILED;
    }
    shim.C_GetFunctionList = (void *)C_GetFunctionList;
    *list = &shim;
    return CKR_OK;
}
