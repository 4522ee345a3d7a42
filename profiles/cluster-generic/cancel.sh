#!/bin/sh
# cancel.sh ID...: cancel the jobs.
case ${BATCH_SYSTEM:-slurm} in
slurm) exec scancel "$@" ;;
lsf) exec bkill "$@" ;;
*) exec qdel "$@" ;;
esac
