# Benchmark: run the tuned agents (or, without hyperparameter optimisation, those of the package) on the benchmarks.
BENCHMARK_FOLDER = layout.benchmark_folder(BENCHMARKING_ROOT, "{benchmark}")

if STUDY.configuration["hyperopt"] is None:

    rule agent_config:
        input:
            lambda w: STUDY.configuration["hyperparameters"].get(w.agent, []),
        output:
            layout.agent_config_file(BENCHMARK_FOLDER, "{agent}"),
        log:
            layout.job_log(BENCHMARKING_ROOT, "agent_config_{benchmark}_{agent}"),
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        params:
            agent=lambda w: STUDY.class_path(w.agent),
            source=lambda w, input: "--gin" if input else "--packaged",
        shell:
            "python -m colosseum sample-agents {params.agent:q} {params.source} {input:q} -o {output:q} 2> {log:q}"

else:

    rule agent_config:
        input:
            lambda w: layout.selection_file(HYPEROPT_FOLDER.format(setting=setting_of(w.agent)), w.agent),
        output:
            layout.agent_config_file(BENCHMARK_FOLDER, "{agent}"),
        log:
            layout.job_log(BENCHMARKING_ROOT, "agent_config_{benchmark}_{agent}"),
        localrule: True
        conda:
            "../envs/colosseum.yaml"
        shell:
            "cp {input:q} {output:q} 2> {log:q}"


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
