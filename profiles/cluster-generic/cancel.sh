#!/bin/sh
# cancel.sh ID...: cancel the jobs.
batch_system=slurm # or sge, pbs, lsf

case $batch_system in
slurm) exec scancel "$@" ;;
lsf) exec bkill "$@" ;;
*) exec qdel "$@" ;;
esac
