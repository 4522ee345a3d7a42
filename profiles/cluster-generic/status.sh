#!/bin/sh
# status.sh ID: print success, running or failed. "running" is also the answer while the batch system gives none: a job
# must not be submitted again because a daemon was restarted.
batch_system=slurm # or sge, pbs, lsf

case $batch_system in
slurm)
    # what you set for your own squeue and sacct is not meant; notices of the site are skipped
    for name in $(env | sed -n 's/^\(S[A-Z]*_[A-Z_]*\)=.*/\1/p'); do
        case $name in SQUEUE_* | SACCT_*) unset "$name" ;; esac
    done
    states='BOOT_FAIL|CANCELLED|COMPLETED|COMPLETING|CONFIGURING|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|PENDING|PREEMPTED'
    states="$states|REQUEUED|RESIZING|REVOKED|RUNNING|SIGNALING|SPECIAL_EXIT|STAGE_OUT|STOPPED|SUSPENDED|TIMEOUT"
    state_in() { sed -n -E "s/^ *($states)( by [0-9]+)? *\$/\1/p" | tail -n 1; }
    # states=all: a job that ended is listed for MinJobAge seconds
    if out=$(squeue --noheader --states=all --jobs="$1" --format=%T 2>&1); then
        state=$(printf '%s\n' "$out" | state_in)
    else
        case $out in *"Invalid job id"*) state=FORGOTTEN ;; *) state=UNKNOWN ;; esac
    fi
    if [ "$state" = FORGOTTEN ] || [ -z "$state" ]; then
        state=$(sacct -X -n -P -j "$1" -o State 2>/dev/null | state_in)
    fi
    # a squeue that does not list it has not denied it
    [ -n "$state" ] || { scontrol show job "$1" 2>&1 | grep -q "Invalid job id" || state=UNKNOWN; }
    case $state in
    COMPLETED) echo success ;;
    PENDING | CONFIGURING | RUNNING | COMPLETING | SUSPENDED | REQUEUED | RESIZING | SIGNALING | STAGE_OUT | UNKNOWN)
        echo running ;;
    *) echo failed ;;
    esac ;;
sge)
    # a job leaves qstat when it ends; qacct knows it some seconds later
    if qstat -j "$1" >/dev/null 2>&1; then
        echo running
    elif out=$(qacct -j "$1" 2>/dev/null); then
        echo "$out" | awk '$1 == "failed" && $2 != 0 { bad = 1 } $1 == "exit_status" && $2 != 0 { bad = 1 }
                           END { print bad ? "failed" : "success" }'
    else
        echo running
    fi ;;
pbs)
    # -x: ended jobs, too (PBS Pro)
    if out=$(qstat -xf "$1" 2>/dev/null); then
        echo "$out" | awk '$1 == "job_state" { state = $3 } $1 == "Exit_status" { status = $3 }
                           END { print state != "F" ? "running" : status == 0 ? "success" : "failed" }'
    else
        echo running
    fi ;;
lsf)
    case $(bjobs -noheader -o stat "$1" 2>/dev/null) in
    DONE) echo success ;;
    EXIT) echo failed ;;
    *) echo running ;;
    esac ;;
esac
