# Benchmark: run the tuned agents (or, without hyperparameter optimisation, those of the package) on the benchmarks.
BENCHMARK_FOLDER = layout.benchmark_folder(BENCHMARKING_ROOT, "{benchmark}")


rule agent_config:
    input:
        lambda w: [config for config in STUDY.configs(w.agent) if config not in (PACKAGED, PUBLISHED)],
    output:
        layout.agent_config_file(BENCHMARK_FOLDER, "{agent}"),
    log:
        layout.job_log(BENCHMARKING_ROOT, "agent_config_{benchmark}_{agent}"),
    priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
    localrule: True
    conda:
        "../envs/colosseum.yaml"
    params:
        make=agent_config_command,
    shell:
        "{params.make} {output:q} 2> {log:q}"


for _interactions in BENCHMARKS.values():

    rule:
        name:
            f"prepare_{_interactions.name}"
        input:
            user_files(_interactions),
        output:
            mdp_configs(_interactions),
            settings=layout.experiment_config_file(_interactions.folder),
        log:
            layout.job_log(BENCHMARKING_ROOT, f"prepare_{_interactions.name}"),
        priority: 1  # needs no compiled kernels: on a fresh machine the others wait for them
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            source=_interactions.given,
            folder=lambda w, output: os.path.dirname(output.settings),
            settings=experiment_options(_interactions),
            register=STUDY.registrations(*_interactions.mdp_classes),
        shell:
            "python -m colosseum benchmark {params.source:q} -o {params.folder:q} --force {params.settings}"
            " {params.register} 2> {log:q}"
