#!/bin/sh
# submit.sh QUEUE ACCOUNT THREADS MEM_MB MINUTES RULE SCRIPT: submit SCRIPT and print the job's id, nothing else.
queue=$1 account=$2 threads=$3 mem_mb=$4 minutes=$5 rule=$6 script=$7
logs=.snakemake/cluster-logs
mkdir -p "$logs"
case ${BATCH_SYSTEM:-slurm} in
slurm)
    exec sbatch --parsable --no-requeue --job-name="colosseum-$rule" --output="$logs/$rule-%j.log" \
        --partition="$queue" ${account:+--account="$account"} --cpus-per-task="$threads" --mem="$mem_mb" \
        --time="$minutes" "$script" ;;
sge)
    # -terse prints the id alone; h_vmem is for each slot
    exec qsub -terse -cwd -V -S /bin/sh -N "colosseum-$rule" -o "$logs" -j y -q "$queue" ${account:+-P "$account"} \
        -pe smp "$threads" -l "h_vmem=$((mem_mb / threads))M,h_rt=$((minutes * 60))" "$script" ;;
pbs)
    exec qsub -V -N "colosseum-$rule" -o "$logs" -j oe -q "$queue" ${account:+-A "$account"} \
        -l "select=1:ncpus=$threads:mem=${mem_mb}mb,walltime=$((minutes / 60)):$((minutes % 60)):00" "$script" ;;
lsf)
    # "Job <123> is submitted to queue <q>." has the id in brackets; -M is in LSF_UNIT_FOR_LIMITS, MB here
    bsub -J "colosseum-$rule" -o "$logs/$rule-%J.log" -q "$queue" ${account:+-P "$account"} -n "$threads" \
        -R "span[hosts=1] rusage[mem=$mem_mb]" -M "$mem_mb" -W "$minutes" "$script" | sed -n 's/^Job <\([0-9]*\)>.*/\1/p' ;;
*)
    echo "BATCH_SYSTEM is $BATCH_SYSTEM, but must be slurm, sge, pbs or lsf" >&2
    exit 2 ;;
esac
