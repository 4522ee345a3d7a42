#!/bin/sh
# status.sh ID: print success, running or failed. "running" is also the answer while the batch system gives none: a job
# must not be submitted again because a daemon was restarted.
batch_system=slurm # or sge, pbs, lsf

case $batch_system in
slurm)
    # states=all: a job that ended is listed for MinJobAge seconds
    if out=$(squeue --noheader --states=all --jobs="$1" --format=%T 2>&1); then
        state=$out
    else
        case $out in *"Invalid job id"*) state=FORGOTTEN ;; *) state=UNKNOWN ;; esac
    fi
    if [ "$state" = FORGOTTEN ] || [ -z "$state" ]; then
        state=$(sacct -X -n -P -j "$1" -o State 2>/dev/null | head -n 1)
    fi
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
