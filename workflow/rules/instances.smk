# Instances of both stages: a pickle for each agent configuration, environment and seed; and a job for each pickle.
for _interactions in INTERACTIONS.values():
    # Some of the environments at a time, where one job would make too many files.
    for _number, _part in enumerate(_interactions.parts()):

        checkpoint:
            name:
                instances_rule(_interactions, _number)
            input:
                mdp_configs(_interactions),
                agent=layout.agent_config_file(_interactions.folder, "{agent}"),
                settings=layout.experiment_config_file(_interactions.folder),
            output:
                instances_outputs(_interactions, _part),
            log:
                layout.job_log(_interactions.root, instances_rule(_interactions, _number) + "_{agent}_{scope}"),
            priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
            localrule: True
            conda:
                "../envs/colosseum.yaml"
            params:
                agent=lambda w: STUDY.class_path(w.agent),
                benchmark=lambda w, input: os.path.dirname(input.settings),
                folder=lambda w, output: os.path.dirname(os.path.dirname(os.path.dirname(output[0]))),
                mdps=mdp_options(_interactions, _part),
                register=STUDY.registrations(*_interactions.mdp_classes),
            shell:
                "python -m colosseum instances --benchmark {params.benchmark:q} --agent {params.agent:q}"
                " --agent-config {input.agent:q} --agent-scope {wildcards.scope} {params.mdps} {params.register}"
                " -o {params.folder:q} 2> {log:q}"


rule run_hyperopt:
    input:
        # whether a log is of this very pickle is decided by content (contents.smk), not by the times of files
        ancient(layout.pickle_file(layout.instances_folder(HYPEROPT_ROOT, "{benchmark}"), "{interaction}", "{seed}")),
    output:
        layout.log_file(layout.benchmark_folder(HYPEROPT_ROOT, "{benchmark}"), "{interaction}", "{seed}"),
    log:
        layout.error_file(layout.benchmark_folder(HYPEROPT_ROOT, "{benchmark}"), "{interaction}", "{seed}"),
    conda:
        "../envs/colosseum.yaml"
    resources:
        mem_mb=run_memory,
        runtime=run_minutes,
        runtime_s=run_seconds,
        # no parameter: a study that goes on in spite of a failed run does not run all others again
        failed=STUDY.configuration["selection"]["failed"],
    params:
        register=interaction_registrations if STUDY.has_user_classes else "",
    shell:
        "python -m colosseum run {input:q} --log {output:q} {params.register} --failed {resources.failed} 2> {log:q}"


use rule run_hyperopt as run_benchmark with:
    input:
        ancient(
            layout.pickle_file(layout.instances_folder(BENCHMARKING_ROOT, "{benchmark}"), "{interaction}", "{seed}")
        ),
    output:
        layout.log_file(BENCHMARK_FOLDER, "{interaction}", "{seed}"),
    log:
        layout.error_file(BENCHMARK_FOLDER, "{interaction}", "{seed}"),
    resources:
        mem_mb=run_memory,
        runtime=run_minutes,
        runtime_s=run_seconds,
        # a comparison is of what the agents did
        failed="refuse",


# `snakemake logs`: everything but the analysis.
rule logs:
    input:
        *hyperopt_targets(),
        *benchmark_targets(),
    message:
        "all logs are there"
